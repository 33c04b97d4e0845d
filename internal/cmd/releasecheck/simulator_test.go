package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// packTar writes an archive of files with their modes.
func packTar(t *testing.T, path string, files map[string]packed) {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	writer := tar.NewWriter(zipped)
	for name, file := range files {
		header := &tar.Header{Name: name, Mode: int64(file.mode), Size: int64(len(file.data)), Typeflag: tar.TypeReg}
		if err := writer.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := writer.Write(file.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, out.String())
}

func TestUnpack(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"licenses/std/LICENSE": "", "../outside": "leaves its folder", "/etc/passwd": "leaves its folder",
		"a/../b": "leaves its folder",
	} {
		path := filepath.Join(t.TempDir(), "a.tar.gz")
		packTar(t, path, map[string]packed{name: {data: []byte("text"), mode: 0o644}})
		files, err := unpack(path)
		wantError(t, err, want)
		if want == "" && (string(files[name].data) != "text" || files[name].mode != 0o644) {
			t.Errorf("%s is %+v", name, files[name])
		}
	}
	path := filepath.Join(t.TempDir(), "a.tar.gz")
	writeFile(t, path, "no archive")
	_, err := unpack(path)
	wantError(t, err, "gzip")
}

// The program of the tests stands for the simulator: it is a program of Go that
// links more than the standard library.
func TestCheckSimulatorFiles(t *testing.T) {
	t.Parallel()
	r := newRelease(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	good := map[string]packed{simulator: {[]byte("no program"), 0o755}}
	with := func(name string, file packed) map[string]packed {
		files := maps.Clone(good)
		files[name] = file
		return files
	}
	wantError(t, r.checkSimulatorFiles(map[string]packed{}), "instance-simulator is missing")
	wantError(t, r.checkSimulatorFiles(good), "instance-simulator: ")
	wantError(t, r.checkSimulatorFiles(with(simulator, packed{program, 0o644})), "cannot be run by all")
	wantError(t, r.checkSimulatorFiles(with(simulator, packed{program, 0o755})), "settings of the build")
}

func TestCheckSimulatorSums(t *testing.T) {
	t.Parallel()
	const bom = "instance-simulator_0.0.1_linux_amd64.cdx.json"
	r := newRelease(t)
	if err := os.Mkdir(r.simulatorDist(), 0o750); err != nil {
		t.Fatal(err)
	}
	sums := filepath.Join(r.simulatorDist(), "instance-simulator_0.0.1_SHA256SUMS")
	line := func(text, name string) string {
		sum := sha256.Sum256([]byte(text))
		return fmt.Sprintf("%s  %s\n", hex.EncodeToString(sum[:]), name)
	}
	wantError(t, r.checkSimulatorSums(), "no such file")
	writeFile(t, filepath.Join(r.simulatorDist(), r.simulatorArchive()), "archive")
	writeFile(t, filepath.Join(r.simulatorDist(), bom), "bom")
	good := line("archive", r.simulatorArchive()) + line("bom", bom)
	writeFile(t, sums, good)
	wantError(t, r.checkSimulatorSums(), "")
	writeFile(t, sums, line("archive", r.simulatorArchive()))
	wantError(t, r.checkSimulatorSums(), bom)
	writeFile(t, sums, good+line("zip", r.archive()))
	wantError(t, r.checkSimulatorSums(), r.archive())
	writeFile(t, sums, line("other", r.simulatorArchive())+line("bom", bom))
	wantError(t, r.checkSimulatorSums(), "differ from the files")
}

// The workflow of the example module downloads a release by these names, of a version
// that there is.
func TestTheWorkflowOfTheExampleNamesTheRelease(t *testing.T) {
	t.Parallel()
	top := filepath.Join("..", "..", "..")
	text, err := os.ReadFile(filepath.Join(
		top, "examples", "modules", "environment-switch", ".github", "workflows", "test.yml"))
	if err != nil {
		t.Fatal(err)
	}
	r := release{version: "${SIMULATOR}", goos: "linux", goarch: "amd64"}
	for _, part := range []string{
		"archive=" + r.simulatorArchive() + "\n", simulator + "_" + r.version + "_SHA256SUMS\"\n",
		"/terraform-provider-instance/releases/download/v$SIMULATOR\n", "- run: tests/on-simulator terraform test\n",
	} {
		if !strings.Contains(string(text), part) {
			t.Errorf("the workflow has no %q", part)
		}
	}
	version := regexp.MustCompile(`(?m)^      SIMULATOR: (\d+\.\d+\.\d+)$`).FindSubmatch(text)
	if version == nil {
		t.Fatal("the workflow names no version")
	}
	if _, err := os.Stat(filepath.Join(top, ".changes", "v"+string(version[1])+".md")); err != nil {
		t.Errorf("version %s was never released: %v", version[1], err)
	}
}
