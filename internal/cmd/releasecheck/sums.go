package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// manifestFile is the file in the sources that tells a registry the protocol.
const manifestFile = "terraform-registry-manifest.json"

// checkSums checks that the checksums are those of exactly the files that are
// published: archives, bills of materials, and the manifest.
func (r release) checkSums() error {
	files := map[string]string{r.name("manifest.json"): filepath.Join(r.sources, manifestFile)}
	for _, pattern := range []string{"*.zip", "*.cdx.json"} {
		paths, err := filepath.Glob(r.dist(pattern))
		if err != nil {
			return err
		}
		for _, path := range paths {
			files[filepath.Base(path)] = path
		}
	}
	want := make(map[string]string)
	for name, path := range files {
		var err error
		if want[name], err = sumOf(path); err != nil {
			return err
		}
	}
	for _, name := range []string{r.archive(), r.name(r.platform() + ".cdx.json")} {
		if want[name] == "" {
			return fmt.Errorf("%s is missing: got %s", name, strings.Join(slices.Sorted(maps.Keys(want)), ", "))
		}
	}

	data, err := os.ReadFile(r.dist(r.name("SHA256SUMS")))
	if err != nil {
		return err
	}
	got, err := readSums(data)
	if err != nil {
		return err
	}
	if err := compareSums(want, got); err != nil {
		return err
	}
	return checkManifest(filepath.Join(r.sources, manifestFile))
}

// sumOf is the checksum of a file.
func sumOf(path string) (string, error) {
	data, err := os.ReadFile(path) //nolint:gosec // A file of the release.
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// sumsOf are the checksums of files in a folder, by their names.
func sumsOf(folder string, names ...string) (map[string]string, error) {
	sums := make(map[string]string)
	for _, name := range names {
		var err error
		if sums[name], err = sumOf(filepath.Join(folder, name)); err != nil {
			return nil, err
		}
	}
	return sums, nil
}

func compareSums(want, got map[string]string) error {
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("they differ from the files (-files +checksums):\n%s", diff)
	}
	return nil
}

// readSums reads the output of sha256sum: a sum and a name on each line.
func readSums(data []byte) (map[string]string, error) {
	sums := make(map[string]string)
	scanner := bufio.NewScanner(bytes.NewReader(data))
	for scanner.Scan() {
		sum, name, ok := strings.Cut(scanner.Text(), "  ")
		if !ok || sums[name] != "" {
			return nil, fmt.Errorf("line %q is not a sum and a new name", scanner.Text())
		}
		sums[name] = sum
	}
	return sums, scanner.Err()
}

// checkManifest checks the file that tells a registry which protocol the provider
// speaks: https://developer.hashicorp.com/terraform/registry/providers/publishing
func checkManifest(path string) error {
	data, err := os.ReadFile(path) //nolint:gosec // A file of the sources.
	if err != nil {
		return err
	}
	type metadata struct {
		ProtocolVersions []string `json:"protocol_versions"`
	}
	type manifest struct {
		Version  int      `json:"version"`
		Metadata metadata `json:"metadata"`
	}
	var got manifest
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&got); err != nil {
		return fmt.Errorf("%s: %w", manifestFile, err)
	}
	want := manifest{Version: 1, Metadata: metadata{ProtocolVersions: []string{"6.0"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("%s (-want +got):\n%s", manifestFile, diff)
	}
	return nil
}
