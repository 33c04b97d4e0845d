package main

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
)

const goodManifest = `{"version": 1, "metadata": {"protocol_versions": ["6.0"]}}`

// newRelease returns a release whose sources have a manifest, a license and an
// empty dist.
func newRelease(t *testing.T) release {
	t.Helper()
	r := release{version: "0.0.1", sources: t.TempDir(), work: t.TempDir(), goos: "linux", goarch: "amd64"}
	if err := os.Mkdir(filepath.Join(r.sources, "dist"), 0o750); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(r.sources, manifestFile), goodManifest)
	writeFile(t, filepath.Join(r.sources, "LICENSE"), "the license")
	return r
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCheckSums(t *testing.T) {
	t.Parallel()
	const (
		archive  = "terraform-provider-instance_0.0.1_linux_amd64.zip"
		bom      = "terraform-provider-instance_0.0.1_linux_amd64.cdx.json"
		manifest = "terraform-provider-instance_0.0.1_manifest.json"
	)
	good := map[string]string{archive: "zip", bom: "bom", manifest: goodManifest}
	with := func(name, text string) map[string]string {
		files := maps.Clone(good)
		files[name] = text
		return files
	}
	without := func(name string) map[string]string {
		files := maps.Clone(good)
		delete(files, name)
		return files
	}
	tests := map[string]struct {
		published, summed map[string]string
		manifest          string
		want              string // a part of the error
	}{
		"of all files and the manifest": {published: good, summed: good},
		"the archive is missing": {
			published: without(archive), summed: without(archive), want: archive + " is missing",
		},
		"no bill of materials":        {published: without(bom), summed: without(bom), want: bom + " is missing"},
		"no sum of the manifest":      {published: good, summed: without(manifest), want: manifest},
		"a sum of another archive":    {published: good, summed: with(archive, "other"), want: archive},
		"a sum of a file that is not": {published: good, summed: with("other.zip", "other"), want: "other.zip"},
		"a manifest of another protocol": {
			published: good, summed: with(manifest, "{}"), manifest: "{}", want: "ProtocolVersions",
		},
		"a manifest with more": {
			published: good, summed: with(manifest, `{"more": 1}`), manifest: `{"more": 1}`, want: "unknown field",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRelease(t)
			if test.manifest != "" {
				writeFile(t, filepath.Join(r.sources, manifestFile), test.manifest)
			}
			for name, text := range test.published {
				if name != manifest {
					writeFile(t, r.dist(name), text)
				}
			}
			var sums strings.Builder
			for name, text := range test.summed {
				sum := sha256.Sum256([]byte(text))
				fmt.Fprintf(&sums, "%s  %s\n", hex.EncodeToString(sum[:]), name)
			}
			writeFile(t, r.dist(r.name("SHA256SUMS")), sums.String())
			wantError(t, r.checkSums(), test.want)
		})
	}
}

func TestReadSumsRefusesOtherLines(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"abc file.zip\n", "abc  file.zip\ndef  file.zip\n"} {
		_, err := readSums([]byte(text))
		wantError(t, err, "is not a sum and a new name")
	}
}

func TestCheckTexts(t *testing.T) {
	t.Parallel()
	linked := []*debug.Module{
		{Path: "example.com/a", Version: "v1.0.0"},
		{Path: "example.com/b", Version: "v1.0.0", Replace: &debug.Module{Path: "example.com/fork", Version: "v2.0.0"}},
	}
	good := map[string]string{
		"terraform-provider-instance_v0.0.1": "program",
		"LICENSE":                            "the license",
		"NOTICE":                             "  example.com/a  v1.0.0\n  example.com/fork  v2.0.0\n",
		"licenses/std/LICENSE":               "BSD",
		"licenses/example.com/a/LICENSE":     "MIT",
		"licenses/example.com/fork/COPYING":  "MIT",
	}
	tests := map[string]struct {
		change map[string]string // "" takes a file out
		want   string
	}{
		"all are there":   {},
		"no NOTICE":       {map[string]string{"NOTICE": ""}, "LICENSE or NOTICE is missing"},
		"another LICENSE": {map[string]string{"LICENSE": "other"}, "LICENSE is not that of the sources"},
		"a module that NOTICE omits": {
			map[string]string{"NOTICE": "  example.com/a  v1.0.0\n"}, "NOTICE does not name example.com/fork",
		},
		"no text of a module": {
			map[string]string{"licenses/example.com/a/LICENSE": ""}, "no text in licenses for example.com/a",
		},
		"no text of the library":        {map[string]string{"licenses/std/LICENSE": ""}, "no text in licenses for std"},
		"a file that is not of release": {map[string]string{"main.go": "package main"}, `"main.go" does not belong there`},
		"a path that leaves its folder": {map[string]string{"licenses/../x": "x"}, `"licenses/../x" does not belong there`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRelease(t)
			files := maps.Clone(good)
			for name, text := range test.change {
				files[name] = text
				if text == "" {
					delete(files, name)
				}
			}
			wantError(t, r.checkTexts(pack(t, files), linked), test.want)
		})
	}
}

// pack makes an archive of files and returns what is in it.
func pack(t *testing.T, files map[string]string) map[string]*zip.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.zip")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	writer := zip.NewWriter(file)
	for name, text := range files {
		entry, err := writer.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := entry.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	reader, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reader.Close() })
	packed := make(map[string]*zip.File)
	for _, entry := range reader.File {
		packed[entry.Name] = entry
	}
	return packed
}

func TestCheckArchiveRefusesWhatIsNoProvider(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		name string
		mode os.FileMode
		want string
	}{
		"another name":      {"terraform-provider-instance", 0o755, "terraform-provider-instance_v0.0.1 is missing"},
		"not to be run":     {"terraform-provider-instance_v0.0.1", 0o644, "cannot be run by all"},
		"not a program":     {"terraform-provider-instance_v0.0.1", 0o755, "terraform-provider-instance_v0.0.1: "},
		"run by some alone": {"terraform-provider-instance_v0.0.1", 0o700, "cannot be run by all"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRelease(t)
			file, err := os.Create(r.dist(r.archive()))
			if err != nil {
				t.Fatal(err)
			}
			writer := zip.NewWriter(file)
			header := &zip.FileHeader{Name: test.name}
			header.SetMode(test.mode)
			entry, err := writer.CreateHeader(header)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := entry.Write([]byte("no program")); err != nil {
				t.Fatal(err)
			}
			if err := writer.Close(); err != nil {
				t.Fatal(err)
			}
			if err := file.Close(); err != nil {
				t.Fatal(err)
			}
			_, err = r.checkArchive()
			wantError(t, err, test.want)
		})
	}
}

func TestCheckBuild(t *testing.T) {
	t.Parallel()
	r := newRelease(t)
	setting := func(key, value string) debug.BuildSetting { return debug.BuildSetting{Key: key, Value: value} }
	good := []debug.BuildSetting{
		setting("-trimpath", "true"), setting("CGO_ENABLED", "0"), setting("GOOS", "linux"), setting("GOARCH", "amd64"),
		setting("vcs", "git"),
	}
	wantError(t, r.checkBuild(&debug.BuildInfo{Settings: good}), "")
	wantError(t, r.checkBuild(&debug.BuildInfo{Settings: good[1:]}), "-trimpath")
	wantError(t, r.checkBuild(&debug.BuildInfo{Settings: append(good[:3:3], setting("GOARCH", "arm64"))}), "arm64")
}

func TestCheckBOM(t *testing.T) {
	t.Parallel()
	linked := []*debug.Module{{Path: "example.com/a", Version: "v1.0.0"}}
	const (
		head = `{"bomFormat": "CycloneDX", "metadata": {"component": {"version": "v0.0.1"}}, "components": [`
		a    = `{"name": "example.com/a", "version": "v1.0.0"}`
		std  = `{"name": "std", "version": "go1.26.0"}`
	)
	tests := map[string]struct{ text, want string }{
		"all modules":          {head + a + "," + std + "]}", ""},
		"no standard library":  {head + a + "]}", "the standard library is missing"},
		"a module is missing":  {head + std + "]}", "example.com/a v1.0.0"},
		"a module too many":    {head + a + "," + std + `,{"name": "example.com/b", "version": "v1"}]}`, "example.com/b v1"},
		"another version":      {head + strings.Replace(a, "v1.0.0", "v1.0.1", 1) + "," + std + "]}", "example.com/a v1.0.1"},
		"of another version":   {strings.Replace(head, "v0.0.1", "v0.0.2", 1) + "]}", `of version "v0.0.2"`},
		"another kind of file": {strings.Replace(head, "CycloneDX", "SPDX", 1) + "]}", `it is a "SPDX"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRelease(t)
			writeFile(t, r.dist(r.name("linux_amd64.cdx.json")), test.text)
			wantError(t, r.checkBOM(linked), test.want)
		})
	}
}

func TestMirrorHasTheArchiveUnderBothRegistries(t *testing.T) {
	t.Parallel()
	r := newRelease(t)
	writeFile(t, r.dist(r.archive()), "zip")
	if err := r.mirror(); err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		path := filepath.Join(r.work, "mirror", host, "instance-power", "instance", r.archive())
		if data, err := os.ReadFile(path); err != nil || string(data) != "zip" {
			t.Errorf("%s: got %q, %v", path, data, err)
		}
	}
}

func TestRunNeedsAllArguments(t *testing.T) {
	t.Parallel()
	err := run(t.Context(), &strings.Builder{}, release{version: "0.0.1"}, []string{"terraform"})
	wantError(t, err, "are needed")
}

// wantError checks that the error contains a text, or is nil where that is empty.
func wantError(t *testing.T, err error, part string) {
	t.Helper()
	switch {
	case part == "" && err != nil:
		t.Errorf("got error %v, want none", err)
	case part != "" && (err == nil || !strings.Contains(err.Error(), part)):
		t.Errorf("got error %v, want one with %q", err, part)
	}
}
