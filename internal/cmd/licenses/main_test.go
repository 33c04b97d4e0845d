package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/modules"
)

const mit = `MIT License

Copyright (c) 2020 Somebody

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`

const isc = `Copyright (c) 2020 Somebody

Permission to use, copy, modify, and/or distribute this software for any
purpose with or without fee is hereby granted, provided that the above
copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH
REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY
AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM
LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR
OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR
PERFORMANCE OF THIS SOFTWARE.
`

// agpl is enough of the text to be recognized as a notice of the AGPL.
const agpl = `This program is free software: you can redistribute it and/or modify
it under the terms of the GNU Affero General Public License as published by
the Free Software Foundation, either version 3 of the License, or
(at your option) any later version.

This program is distributed in the hope that it will be useful,
but WITHOUT ANY WARRANTY; without even the implied warranty of
MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the
GNU Affero General Public License for more details.

You should have received a copy of the GNU Affero General Public License
along with this program.  If not, see <https://www.gnu.org/licenses/>.
`

// module writes files into a folder, and returns the packages of a module there.
func module(t *testing.T, path string, files map[string]string, packages ...string) []modules.Package {
	t.Helper()
	top := t.TempDir()
	for name, text := range files {
		file := filepath.Join(top, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var linked []modules.Package
	for _, p := range packages {
		dir := filepath.Join(top, filepath.FromSlash(p))
		if err := os.MkdirAll(dir, 0o750); err != nil {
			t.Fatal(err)
		}
		linked = append(linked, modules.Package{
			Path: strings.TrimSuffix(path+"/"+p, "/."), Dir: dir,
			Module: modules.Module{Path: path, Version: "v1.0.0", Dir: top},
		})
	}
	return linked
}

func TestCheck(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		files    map[string]string
		packages []string
		names    string
		want     string
	}{
		"a license in the top folder": {
			map[string]string{"LICENSE": mit}, []string{".", "deep/down"}, "MIT", "",
		},
		"British spelling and an ending": {
			map[string]string{"Licence.txt": isc}, []string{"."}, "ISC", "", //nolint:misspell // It is the case.
		},
		"a license of its own in a linked package counts too": {
			map[string]string{"LICENSE": mit, "a/LICENSE": isc}, []string{"a"}, "ISC, MIT", "",
		},
		"one in a package that is not linked does not": {
			map[string]string{"LICENSE": mit, "a/COPYING": agpl}, []string{".", "b"}, "MIT", "",
		},
		"none": {
			map[string]string{"README.md": "MIT"},
			[]string{".", "a"},
			"none found",
			"no license; linked: example.com/m, example.com/m/a",
		},
		"none above one of the packages": {
			map[string]string{"a/LICENSE": mit}, []string{"a", "b"}, "MIT", "no license; linked: example.com/m/b",
		},
		"a source file with the name of a license is none": {
			map[string]string{"license.go": "package m"}, []string{"."}, "none found", "no license; linked: example.com/m",
		},
		"an incompatible license": {
			map[string]string{"LICENSE": agpl},
			[]string{"."},
			"AGPL-3.0-or-later",
			"LICENSE has the license AGPL-3.0-or-later, which is not compatible",
		},
		"an incompatible one beside another": {
			map[string]string{"LICENSE": mit, "COPYING": agpl},
			[]string{"."},
			"AGPL-3.0-or-later, MIT",
			"COPYING has the license AGPL-3.0-or-later, which is not compatible",
		},
		"words that are no license": {
			map[string]string{"LICENSE": "All rights reserved."},
			[]string{"."},
			"none found",
			"LICENSE is not the text of a known license",
		},
		"a license with conditions of somebody's own": {
			map[string]string{"LICENSE": isc + strings.Repeat("The Software shall be used for Good, not Evil. ", 40)},
			[]string{"."},
			"ISC", "LICENSE is not the text of a known license",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := find(module(t, "example.com/m", test.files, test.packages...))
			if err != nil {
				t.Fatal(err)
			}
			if len(found) != 1 {
				t.Fatalf("got %d modules, want 1", len(found))
			}
			if got := found[0].names(); got != test.names {
				t.Errorf("licenses: got %q, want %q", got, test.names)
			}
			if got := errorText(found[0].check()); got != test.want {
				t.Errorf("check: got %q, want %q", got, test.want)
			}
		})
	}
}

func TestFindLeavesOutTheMainModule(t *testing.T) {
	t.Parallel()
	packages := slices.Concat(
		module(t, modules.Main, map[string]string{}, "."),
		module(t, "example.com/b", map[string]string{"LICENSE": mit}, "."),
		module(t, "example.com/a", map[string]string{"LICENSE": isc}, "."),
	)
	found, err := find(packages)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range found {
		got = append(got, l.module.Path)
	}
	if diff := cmp.Diff([]string{"example.com/a", "example.com/b"}, got); diff != "" {
		t.Errorf("modules (-want +got):\n%s", diff)
	}
}

func TestFindCountsBoringSSLOnlyWhereItsObjectsAreLinked(t *testing.T) {
	t.Parallel()
	files := map[string]string{"LICENSE": mit, boringPath: agpl}
	for objects, want := range map[string]string{
		"":                              "MIT",
		"src/crypto/internal/boring/so": "AGPL-3.0-or-later, MIT",
	} {
		folders := []string{"src/crypto/internal/boring"}
		if objects != "" {
			folders = append(folders, objects)
		}
		packages := module(t, modules.Standard, files, folders...)
		if objects != "" {
			packages[1].Path = boringObjects
		}
		found, err := find(packages)
		if err != nil {
			t.Fatal(err)
		}
		if got := found[0].names(); got != want {
			t.Errorf("objects in %q: got %q, want %q", objects, got, want)
		}
	}
}

func TestFindRefusesAPackageOutsideOfItsModule(t *testing.T) {
	t.Parallel()
	packages := module(t, "example.com/m", nil, ".")
	packages[0].Dir = t.TempDir()
	if _, err := find(packages); err == nil {
		t.Error("got no error, want one")
	}
}

func TestWriteMakesNoticeAndTheTexts(t *testing.T) {
	t.Parallel()
	packages := slices.Concat(
		module(t, "example.com/a", map[string]string{"LICENSE": mit, "NOTICE": "\nA is by Somebody.\n", "b/LICENSE": isc},
			"b"),
		module(t, "example.com/c", map[string]string{"LICENSE": isc, "PATENTS": "A grant."}, "."),
	)
	found, err := find(packages)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "out")
	if err := os.MkdirAll(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "old"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := write(folder, found); err != nil {
		t.Fatal(err)
	}

	var files []string
	if err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		rel, err := filepath.Rel(folder, path)
		files = append(files, filepath.ToSlash(rel))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	wantFiles := []string{
		"NOTICE",
		"licenses/example.com/a/LICENSE",
		"licenses/example.com/a/NOTICE",
		"licenses/example.com/a/b/LICENSE",
		"licenses/example.com/c/LICENSE",
		"licenses/example.com/c/PATENTS",
	}
	if diff := cmp.Diff(wantFiles, files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	notice, err := os.ReadFile(filepath.Join(folder, "NOTICE"))
	if err != nil {
		t.Fatal(err)
	}
	want := head + `  example.com/a  v1.0.0  ISC, MIT
  example.com/c  v1.0.0  ISC

--- example.com/a/NOTICE

A is by Somebody.

--- example.com/c/PATENTS

A grant.
`
	if diff := cmp.Diff(want, string(notice)); diff != "" {
		t.Errorf("NOTICE (-want +got):\n%s", diff)
	}
}

// TestPlatformsAreThoseOfTheRelease compares the list with the configuration of
// the release, so that a platform that is added there is checked too.
func TestPlatformsAreThoseOfTheRelease(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../../.goreleaser.yml")
	if err != nil {
		t.Fatal(err)
	}
	list := func(key string) []string {
		t.Helper()
		_, after, ok := strings.Cut(string(data), "\n    "+key+": [")
		if !ok {
			t.Fatalf(".goreleaser.yml has no list %s in its build", key)
		}
		inside, _, _ := strings.Cut(after, "]")
		var words []string
		for word := range strings.SplitSeq(inside, ",") {
			words = append(words, strings.Trim(word, ` "`))
		}
		return words
	}
	ignored := []string{"darwin/386", "darwin/arm", "windows/arm"}
	var want []string
	for _, goos := range list("goos") {
		for _, goarch := range list("goarch") {
			if platform := goos + "/" + goarch; !slices.Contains(ignored, platform) {
				want = append(want, platform)
			}
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, platforms); diff != "" {
		t.Errorf("platforms (-want +got):\n%s", diff)
	}
}

func errorText(err error) string {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) && len(joined.Unwrap()) == 1 {
		err = joined.Unwrap()[0]
	}
	if err == nil {
		return ""
	}
	return err.Error()
}
