package modules

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRead(t *testing.T) {
	t.Parallel()
	const list = `{"ImportPath": "strings", "Dir": "/go/src/strings", "Standard": true}
{"ImportPath": "vendor/golang.org/x/text", "Dir": "/go/src/vendor/golang.org/x/text", "Standard": true}
{"ImportPath": "example.com/a/b", "Dir": "/m/a@v1.2.3/b",
 "Module": {"Path": "example.com/a", "Version": "v1.2.3", "Dir": "/m/a@v1.2.3"}}
{"ImportPath": "example.com/c", "Dir": "/m/fork@v2.0.0", "Module": {"Path": "example.com/c", "Version": "v1.0.0",
 "Replace": {"Path": "example.com/fork", "Version": "v2.0.0", "Dir": "/m/fork@v2.0.0"}}}
`
	got, err := read(strings.NewReader(list), "/go")
	if err != nil {
		t.Fatal(err)
	}
	version := got[0].Module.Version // that of the Go command at hand
	if !strings.HasPrefix(version, "go") {
		t.Errorf("version of the standard library: got %q", version)
	}
	std := Module{Path: Standard, Version: version, Dir: "/go"}
	want := []Package{
		{"strings", "/go/src/strings", std},
		{"vendor/golang.org/x/text", "/go/src/vendor/golang.org/x/text", std},
		{"example.com/a/b", "/m/a@v1.2.3/b", Module{"example.com/a", "v1.2.3", "/m/a@v1.2.3"}},
		{"example.com/c", "/m/fork@v2.0.0", Module{"example.com/fork", "v2.0.0", "/m/fork@v2.0.0"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
}

func TestReadRefusesAPackageWithoutAModule(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{"ImportPath": "example.com/a"}`, `{"ImportPath": `} {
		if _, err := read(strings.NewReader(text), "/go"); err == nil {
			t.Errorf("read(%q): got no error, want one", text)
		}
	}
}

func TestLinkedOnAllIsTheSumOfThePlatforms(t *testing.T) {
	t.Parallel()
	linked := func(platforms ...string) []string {
		t.Helper()
		packages, err := LinkedOnAll(t.Context(), platforms, "os")
		if err != nil {
			t.Fatal(err)
		}
		var paths []string
		for _, p := range packages {
			if slices.Contains(paths, p.Path) {
				t.Errorf("%v: %s is listed twice", platforms, p.Path)
			}
			paths = append(paths, p.Path)
		}
		slices.Sort(paths)
		return paths
	}
	const onWindows, elsewhere = "internal/syscall/windows", "internal/syscall/unix"
	if got := linked("linux/amd64"); slices.Contains(got, onWindows) || !slices.Contains(got, elsewhere) {
		t.Errorf("linux/amd64: got %v", got)
	}
	got := linked("linux/amd64", "windows/amd64")
	if !slices.Contains(got, onWindows) || !slices.Contains(got, elsewhere) {
		t.Errorf("linux/amd64 and windows/amd64: got %v", got)
	}
}

func TestLinkedOnAllRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ platform, program string }{
		"a platform of another form":  {"linux", "os"},
		"a package that is not there": {"linux/amd64", "./nowhere"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := LinkedOnAll(t.Context(), []string{test.platform}, test.program); err == nil {
				t.Error("got no error, want one")
			}
		})
	}
}

// TestDesignNamesEachDirectDependency compares go.mod with the table in DESIGN.md.
func TestDesignNamesEachDirectDependency(t *testing.T) {
	t.Parallel()
	const top = "../../../../"
	goMod, err := os.ReadFile(top + "go.mod")
	if err != nil {
		t.Fatal(err)
	}
	direct := regexp.MustCompile(`(?m)^\t(\S+) v\S+$`) // an indirect one has a comment
	var want []string
	for _, match := range direct.FindAllSubmatch(goMod, -1) {
		want = append(want, string(match[1]))
	}
	if len(want) < 10 {
		t.Fatalf("go.mod has %d direct dependencies: %v", len(want), want)
	}

	design, err := os.ReadFile(top + "DESIGN.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(design), "\n## Dependencies\n")
	row := regexp.MustCompile("(?m)^\\| `(\\S+)` \\| \\S.* \\|$")
	var got []string
	for _, match := range row.FindAllStringSubmatch(section, -1) {
		got = append(got, match[1])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the table of dependencies in DESIGN.md (-go.mod +table):\n%s", diff)
	}
}

// "go install .../cmd/instance-simulator@version" refuses a module whose go.mod has one
// of these.
func TestTheModuleCanBeInstalledByItsVersion(t *testing.T) {
	t.Parallel()
	goMod, err := os.ReadFile("../../../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if found := regexp.MustCompile(`(?m)^(replace|exclude)\b.*$`).Find(goMod); found != nil {
		t.Errorf("go.mod has %q", found)
	}
}
