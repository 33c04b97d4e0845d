package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/modules"
)

// compatible are the licenses, by their SPDX names, whose code may be linked into
// a binary under the MPL-2.0 and given to anybody, as long as their texts go with
// it. The code of a module under the MPL-2.0 stays available at its own address,
// which NOTICE names.
var compatible = []string{
	"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "ISC", "MIT", "MIT-0", "MPL-2.0",
	"Unlicense", "Zlib",
}

// wholeText is the percentage of a file that a recognized license covers at least.
// The rest is a copyright line or a heading; a file with more of it says something
// that only a person can judge.
const wholeText = 75

var (
	licenseFile = regexp.MustCompile(`(?i)^(un)?(licen[sc]e|copying)([-._].*)?$`)
	noticeFile  = regexp.MustCompile(`(?i)^(notice|copyright|patents)([-._].*)?$`)
	sourceFile  = regexp.MustCompile(`(?i)\.(go|s|c|h|json|ya?ml)$`)
)

// The standard library's folder boringPath has the license of BoringSSL beside it,
// which is that of the objects in boringObjects alone. These are linked only into a
// program that is built with GOEXPERIMENT=boringcrypto.
const (
	boringPath    = "src/crypto/internal/boring/LICENSE"
	boringObjects = "crypto/internal/boring/syso"
)

// text is a file that goes with a module.
type text struct {
	path   string // within the module, with slashes
	data   []byte
	notice bool // no license, but what must be passed on with one
	ids    []string
	whole  bool // ids cover the file
}

// licensed is a module with the texts that apply to its linked packages.
type licensed struct {
	module modules.Module
	texts  []text
	bare   []string // packages without a license in their folder or above it
}

// find returns the modules of the packages, by their paths, each with its texts:
// those of the module's top folder, and those that a linked package has beside it
// or in a folder above.
func find(packages []modules.Package) ([]licensed, error) {
	byPath := make(map[string]*licensed)
	folders := make(map[string][]text) // what was read already
	boring := slices.ContainsFunc(packages, func(p modules.Package) bool { return p.Path == boringObjects })
	for _, p := range packages {
		if p.Module.Path == modules.Main {
			continue // its license is that of the release
		}
		l := byPath[p.Module.Path]
		if l == nil {
			l = &licensed{module: p.Module}
			byPath[p.Module.Path] = l
		}
		texts, err := above(p.Dir, p.Module.Dir, folders)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.Path, err)
		}
		if !slices.ContainsFunc(texts, func(t text) bool { return !t.notice }) {
			l.bare = append(l.bare, p.Path)
		}
		for _, t := range texts {
			if p.Module.Path == modules.Standard && t.path == boringPath && !boring {
				continue
			}
			if !slices.ContainsFunc(l.texts, func(other text) bool { return other.path == t.path }) {
				l.texts = append(l.texts, t)
			}
		}
	}

	found := make([]licensed, 0, len(byPath))
	for _, l := range byPath {
		slices.SortFunc(l.texts, func(a, b text) int { return strings.Compare(a.path, b.path) })
		found = append(found, *l)
	}
	slices.SortFunc(found, func(a, b licensed) int { return strings.Compare(a.module.Path, b.module.Path) })
	return found, nil
}

// above returns the texts in a package's folder and in each above it, up to that
// of the module.
func above(dir, top string, folders map[string][]text) ([]text, error) {
	rel, err := filepath.Rel(top, dir)
	if err != nil || !filepath.IsLocal(rel) {
		return nil, fmt.Errorf("folder %s is not in that of its module, %s", dir, top)
	}
	var texts []text
	for {
		read, ok := folders[dir]
		if !ok {
			if read, err = folder(dir, top); err != nil {
				return nil, err
			}
			folders[dir] = read
		}
		texts = append(texts, read...)
		if dir == top {
			return texts, nil
		}
		dir = filepath.Dir(dir)
	}
}

// folder returns the texts of one folder of a module.
func folder(dir, top string) ([]text, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var texts []text
	for _, entry := range entries {
		name := entry.Name()
		isLicense := licenseFile.MatchString(name)
		if !entry.Type().IsRegular() || sourceFile.MatchString(name) || !isLicense && !noticeFile.MatchString(name) {
			continue
		}
		path := filepath.Join(dir, name)
		data, err := os.ReadFile(path) //nolint:gosec // A file of a module.
		if err != nil {
			return nil, err
		}
		rel, err := filepath.Rel(top, path)
		if err != nil {
			return nil, err
		}
		t := text{path: filepath.ToSlash(rel), data: data, notice: !isLicense}
		if isLicense {
			t.ids, t.whole = recognize(data)
		}
		texts = append(texts, t)
	}
	return texts, nil
}

// recognize returns the licenses that a text contains, and whether they are most
// of it.
func recognize(data []byte) (ids []string, whole bool) {
	// A file may end in a page of the licenses' addresses, which is no text of one.
	coverage := licensecheck.Scan(bytes.ToValidUTF8(data, nil))
	for _, match := range coverage.Match {
		if !match.IsURL && !slices.Contains(ids, match.ID) {
			ids = append(ids, match.ID)
		}
	}
	slices.Sort(ids)
	return ids, coverage.Percent >= wholeText
}

// names are the licenses of the module, for a table.
func (l licensed) names() string {
	var names []string
	for _, t := range l.texts {
		for _, id := range t.ids {
			if !slices.Contains(names, id) {
				names = append(names, id)
			}
		}
	}
	if len(names) == 0 {
		return "none found"
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// check returns an error if the module must not be in a release.
func (l licensed) check() error {
	if len(l.bare) > 0 {
		return fmt.Errorf("no license; linked: %s", strings.Join(l.bare, ", "))
	}
	var errs []error
	for _, t := range l.texts {
		if t.notice {
			continue
		}
		if !t.whole || len(t.ids) == 0 {
			errs = append(errs, fmt.Errorf("%s is not the text of a known license", t.path))
		}
		for _, id := range t.ids {
			if !slices.Contains(compatible, id) {
				errs = append(errs, fmt.Errorf("%s has the license %s, which is not compatible", t.path, id))
			}
		}
	}
	return errors.Join(errs...)
}
