package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
)

// simulator is the name of the simulated clouds as a program, and of the files of
// their release.
const simulator = "instance-simulator"

// usual is the address of the simulated clouds in the example module.
const usual = "127.0.0.1:8090"

// simulatorDist is the folder of the simulator's release.
func (r release) simulatorDist() string { return r.dist(simulatorFolder) }

const simulatorFolder = "simulator"

// simulatorArchive is the name of the archive with the simulator.
func (r release) simulatorArchive() string {
	return simulator + "_" + r.version + "_" + r.platform() + ".tar.gz"
}

// packed is a file of an archive.
type packed struct {
	data []byte
	mode os.FileMode
}

// unpack reads an archive of the form tar.gz.
func unpack(file string) (map[string]packed, error) {
	data, err := os.ReadFile(file) //nolint:gosec // A file of the release.
	if err != nil {
		return nil, err
	}
	zipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	files := map[string]packed{}
	for reader := tar.NewReader(zipped); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if path.Clean(header.Name) != header.Name || path.IsAbs(header.Name) || strings.HasPrefix(header.Name, "..") {
			return nil, fmt.Errorf("%q leaves its folder", header.Name)
		}
		if header.Typeflag != tar.TypeReg {
			return nil, fmt.Errorf("%q is no file", header.Name)
		}
		text, err := io.ReadAll(io.LimitReader(reader, largest))
		if err != nil {
			return nil, err
		}
		files[header.Name] = packed{text, header.FileInfo().Mode()}
	}
}

// checkSimulator checks the release of the simulator, and unpacks it.
func (r release) checkSimulator() error {
	if err := r.checkSimulatorSums(); err != nil {
		return fmt.Errorf("checksums: %w", err)
	}
	files, err := unpack(filepath.Join(r.simulatorDist(), r.simulatorArchive()))
	if err != nil {
		return err
	}
	if err := r.checkSimulatorFiles(files); err != nil {
		return err
	}
	for name, file := range files {
		to := filepath.Join(r.work, simulatorFolder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
			return err
		}
		if err := os.WriteFile(to, file.data, file.mode); err != nil {
			return err
		}
	}
	return nil
}

// checkSimulatorSums checks that the checksums are those of the archive and of its
// bill of materials.
func (r release) checkSimulatorSums() error {
	data, err := os.ReadFile(filepath.Join(r.simulatorDist(), simulator+"_"+r.version+"_SHA256SUMS"))
	if err != nil {
		return err
	}
	got, err := readSums(data)
	if err != nil {
		return err
	}
	bom := simulator + "_" + r.version + "_" + r.platform() + ".cdx.json"
	want, err := sumsOf(r.simulatorDist(), r.simulatorArchive(), bom)
	if err != nil {
		return err
	}
	return compareSums(want, got)
}

// checkSimulatorFiles checks that the archive has what it should, and nothing else.
func (r release) checkSimulatorFiles(files map[string]packed) error {
	program, ok := files[simulator]
	if !ok {
		return fmt.Errorf("%s is missing", simulator)
	}
	if program.mode.Perm()&0o111 != 0o111 {
		return fmt.Errorf("%s cannot be run by all: its mode is %s", simulator, program.mode)
	}
	info, err := buildinfo.Read(bytes.NewReader(program.data))
	if err != nil {
		return fmt.Errorf("%s: %w", simulator, err)
	}
	if err := r.checkBuild(info); err != nil {
		return fmt.Errorf("%s: %w", simulator, err)
	}
	if len(info.Deps) > 0 {
		return fmt.Errorf("%s links %s, and should link the standard library alone", simulator, info.Deps[0].Path)
	}
	for _, name := range []string{"LICENSE", "NOTICE", "Containerfile"} {
		if len(files[name].data) == 0 {
			return fmt.Errorf("%s is missing", name)
		}
	}
	text := false
	for name := range files {
		switch {
		case strings.HasPrefix(name, "licenses/"+standard+"/"):
			text = true
		case !slices.Contains([]string{simulator, "LICENSE", "NOTICE", "Containerfile"}, name):
			return fmt.Errorf("%q does not belong there", name)
		}
	}
	if !text {
		return errors.New("no text in licenses for " + standard)
	}
	return nil
}

// tryModule does what the workflow of the example module does, in an empty folder:
// it installs the provider from the mirror, and runs the module's tests on the
// released simulator. The address is a free one, since the usual one may be taken.
func (r release) tryModule(ctx context.Context, cli string) error {
	folder, err := os.MkdirTemp(r.work, "module-*")
	if err != nil {
		return err
	}
	example := filepath.Join(r.sources, "examples", "modules", "environment-switch")
	if err := os.CopyFS(folder, os.DirFS(example)); err != nil {
		return err
	}
	address, err := freeAddress(ctx)
	if err != nil {
		return err
	}
	tests := filepath.Join(folder, "tests", "switch.tftest.hcl")
	text, err := os.ReadFile(tests) //nolint:gosec // A copy of the example.
	if err != nil {
		return err
	}
	if !bytes.Contains(text, []byte(usual)) {
		return fmt.Errorf("%s does not name %s", tests, usual)
	}
	text = bytes.ReplaceAll(text, []byte(usual), []byte(address))
	if err := os.WriteFile(tests, text, 0o600); err != nil { //nolint:gosec // A copy of the example.
		return err
	}
	run := func(name string, args ...string) (string, error) {
		command := program.NewCommand(ctx, name, args...)
		command.Dir = folder
		command.Env = append(r.environment(),
			"PATH="+filepath.Join(r.work, simulatorFolder)+string(os.PathListSeparator)+os.Getenv("PATH"), "LISTEN="+address)
		out, err := command.Text()
		if err != nil {
			return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
		}
		return out, nil
	}
	if _, err := run(cli, "init", "-input=false", "-no-color"); err != nil {
		return err
	}
	out, err := run(filepath.Join(folder, "tests", "on-simulator"), cli, "test", "-no-color")
	if err != nil {
		return err
	}
	if want := "4 passed, 0 failed"; !strings.Contains(out, want) {
		return fmt.Errorf("the tests printed no %q:\n%s", want, out)
	}
	return nil
}

// freeAddress is a loopback address with a port that nothing listens on now.
func freeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
