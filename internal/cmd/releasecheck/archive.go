package main

import (
	"archive/zip"
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// standard is the folder of the standard library's license in an archive.
const standard = "std"

// binary is the name of the provider in its archive: the CLIs look for it.
func (r release) binary() string {
	name := project + "_v" + r.version
	if r.goos == "windows" {
		name += ".exe"
	}
	return name
}

// checkArchive checks the archive with the provider, and returns the modules that
// the provider in it links.
func (r release) checkArchive() ([]*debug.Module, error) {
	reader, err := zip.OpenReader(r.dist(r.archive()))
	if err != nil {
		return nil, err
	}
	defer func() { _ = reader.Close() }() // It was only read.
	files := make(map[string]*zip.File)
	for _, file := range reader.File {
		files[file.Name] = file
	}

	program := files[r.binary()]
	if program == nil {
		return nil, fmt.Errorf("%s is missing", r.binary())
	}
	if program.Mode().Perm()&0o111 != 0o111 {
		return nil, fmt.Errorf("%s cannot be run by all: its mode is %s", r.binary(), program.Mode())
	}
	data, err := read(program)
	if err != nil {
		return nil, err
	}
	info, err := buildinfo.Read(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.binary(), err)
	}
	if err := r.checkBuild(info); err != nil {
		return nil, fmt.Errorf("%s: %w", r.binary(), err)
	}
	return info.Deps, r.checkTexts(files, info.Deps)
}

// checkBuild checks how the provider was built.
func (r release) checkBuild(info *buildinfo.BuildInfo) error {
	want := map[string]string{"-trimpath": "true", "CGO_ENABLED": "0", "GOOS": r.goos, "GOARCH": r.goarch}
	got := make(map[string]string)
	for _, setting := range info.Settings {
		if _, ok := want[setting.Key]; ok {
			got[setting.Key] = setting.Value
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("settings of the build (-want +got):\n%s", diff)
	}
	return nil
}

// checkTexts checks the files beside the provider: the license, the notice, and
// for each linked module a text in its folder. There is no other file.
func (r release) checkTexts(files map[string]*zip.File, linked []*debug.Module) error {
	license, err := os.ReadFile(filepath.Join(r.sources, "LICENSE"))
	if err != nil {
		return err
	}
	if files["LICENSE"] == nil || files["NOTICE"] == nil {
		return errors.New("LICENSE or NOTICE is missing")
	}
	if data, err := read(files["LICENSE"]); err != nil || !bytes.Equal(data, license) {
		return errors.Join(errors.New("LICENSE is not that of the sources"), err)
	}
	notice, err := read(files["NOTICE"])
	if err != nil {
		return err
	}

	folders := []string{standard}
	for _, module := range linked {
		folders = append(folders, used(module).Path)
		if !bytes.Contains(notice, []byte("  "+used(module).Path+" ")) {
			return fmt.Errorf("NOTICE does not name %s", used(module).Path)
		}
	}
	missing := slices.DeleteFunc(slices.Clone(folders), func(folder string) bool {
		return slices.ContainsFunc(licenseTexts(files), func(name string) bool { return within(folder, name) })
	})
	if len(missing) > 0 {
		return fmt.Errorf("no text in licenses for %s", strings.Join(missing, ", "))
	}
	for name, file := range files {
		if file.FileInfo().IsDir() || slices.Contains([]string{"LICENSE", "NOTICE", r.binary()}, name) {
			continue
		}
		if !strings.HasPrefix(name, "licenses/") || path.Clean(name) != name {
			return fmt.Errorf("%q does not belong there", name)
		}
	}
	return nil
}

// licenseTexts returns the names of the files in the folder of the licenses.
func licenseTexts(files map[string]*zip.File) []string {
	var names []string
	for name := range files {
		if strings.HasPrefix(name, "licenses/") {
			names = append(names, name)
		}
	}
	return names
}

// within reports whether a file is the text of a module.
func within(module, name string) bool { return strings.HasPrefix(name, "licenses/"+module+"/") }

// used is the module whose code is linked: its replacement if it has one.
func used(module *debug.Module) *debug.Module {
	if module.Replace != nil {
		return module.Replace
	}
	return module
}

// largest is the most that a file of an archive may have.
const largest = 100 << 20

func read(file *zip.File) ([]byte, error) {
	reader, err := file.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = reader.Close() }() // It was only read.
	data, err := io.ReadAll(io.LimitReader(reader, largest))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file.Name, err)
	}
	return data, nil
}

// checkBOM checks that the bill of materials, in the form of CycloneDX, names the
// linked modules in their versions, and nothing but these and the standard library.
func (r release) checkBOM(linked []*debug.Module) error {
	data, err := os.ReadFile(r.dist(r.name(r.platform() + ".cdx.json")))
	if err != nil {
		return err
	}
	var bom struct {
		Format   string `json:"bomFormat"`
		Metadata struct {
			Component struct{ Version string }
		}
		Components []struct{ Name, Version string }
	}
	if err := json.Unmarshal(data, &bom); err != nil {
		return err
	}
	if bom.Format != "CycloneDX" || bom.Metadata.Component.Version != "v"+r.version {
		return fmt.Errorf("it is a %q of version %q", bom.Format, bom.Metadata.Component.Version)
	}
	want, got := []string{}, []string{}
	for _, module := range linked {
		want = append(want, used(module).Path+" "+used(module).Version)
	}
	hasStandard := false
	for _, component := range bom.Components {
		if component.Name == standard {
			hasStandard = true
			continue
		}
		got = append(got, component.Name+" "+component.Version)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("modules (-linked +named):\n%s", diff)
	}
	if !hasStandard {
		return errors.New("the standard library is missing")
	}
	return nil
}
