package provider

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// These tests find the places that a further cloud touches, and fail for each in
// which one was forgotten. CONTRIBUTING.md lists the places; see places_meta_test.go
// for the proof that each of them is noticed.

// tree is what the tests read: the two tables of clouds, and the files of the
// repository.
type tree struct {
	files    map[string]string // the texts, by their paths with slashes
	clouds   []string          // of the provider's table
	services []simulator.Service
	brands   map[string]string // the word by which pages call a cloud
	read     *reader
}

// place is a place with a form of its own that has something for every cloud.
type place struct {
	at   string // the path, in which northcloud stands for the name of a cloud
	what string
	// named are the clouds for which the place has it.
	named func(tree) []string
	// add puts in a further cloud.
	add func(t *tree, name string)
}

func places() []place {
	return []place{
		{
			"internal/simulator/northcloud", "no simulator", folders("internal/simulator", "wire.go"),
			addFile("internal/simulator/northcloud/wire.go"),
		},
		testOf("internal/simulator/", "fuzz_test.go", "wiretest.Fuzz(", "no fuzz target for requests"),
		{
			"internal/simulator/localcloud/services.go", "no row in the table of services",
			func(t tree) []string {
				var names []string
				for _, s := range t.services {
					names = append(names, s.Cloud)
				}
				return names
			},
			func(t *tree, name string) { t.services = append(t.services, simulator.Service{Cloud: name}) },
		},
		{
			"internal/backend/northcloud", "no driver", folders("internal/backend", driverFiles...),
			func(t *tree, name string) {
				for _, file := range driverFiles {
					addFile("internal/backend/northcloud/"+file)(t, name)
				}
			},
		},
		testOf("internal/backend/", "conformance_test.go", "simtest.Run(", "no run of the conformance suite"),
		testOf("internal/backend/", "inputs_test.go", "backendtest.RunInputs(", "no run of the table of inputs"),
		testOf("internal/backend/", "inputs_test.go", "backendtest.FuzzAnswers(", "no fuzz target for answers"),
		{
			"internal/provider/clouds.go", "no row in the provider's table of clouds",
			func(t tree) []string { return t.clouds },
			func(t *tree, name string) { t.clouds = append(t.clouds, name) },
		},
		{
			"internal/credentials/cloud.go", "no names of the arguments and variables of credentials",
			func(t tree) []string {
				var names []string
				for _, m := range credentialBlock.FindAllStringSubmatch(t.files["internal/credentials/cloud.go"], -1) {
					names = append(names, m[1])
				}
				return names
			},
			func(t *tree, name string) {
				t.files["internal/credentials/cloud.go"] += "// Block: \"" + name + "\",\n"
			},
		},
		{".golangci.yml", "no rule for the imports of the driver", lintRules, func(t *tree, name string) {
			t.files[".golangci.yml"] += "        " + name + ":\n          list-mode: strict\n          files:\n" +
				"            - \"**/internal/backend/" + name + "/*.go\"\n"
		}},
		{".golangci.yml", "no permission for the provider to import the driver", lintImports, func(t *tree, name string) {
			first := "            - " + ourDriver
			t.files[".golangci.yml"] = strings.Replace(t.files[".golangci.yml"], first, first+name+"\n"+first, 1)
		}},
		{
			"examples/guides/permissions/northcloud-plan.json", "no policy for plans", policies("plan"),
			addFile("examples/guides/permissions/northcloud-plan.json"),
		},
		{
			"examples/guides/permissions/northcloud-apply.json", "no policy for applies", policies("apply"),
			addFile("examples/guides/permissions/northcloud-apply.json"),
		},
	}
}

// credentialBlock is the name of a cloud in the Names of package credentials that are not
// those of a role, whose blocks have underscores.
var credentialBlock = regexp.MustCompile(`Block:\s+"([a-z0-9]+)",`)

// addFile adds a file that has the name of the cloud in its path.
func addFile(at string) func(*tree, string) {
	return func(t *tree, name string) {
		t.files[strings.ReplaceAll(at, "northcloud", name)] = "package " + name
	}
}

// folders are the folders beneath one that have all of some files.
func folders(parent string, names ...string) func(tree) []string {
	return func(t tree) []string {
		var found []string
		for file := range t.files {
			folder := path.Dir(file)
			lacks := func(name string) bool { return t.files[folder+"/"+name] == "" }
			if path.Dir(folder) == parent && path.Base(file) == names[0] && !slices.ContainsFunc(names, lacks) {
				found = append(found, path.Base(folder))
			}
		}
		// The driver in memory is none of a cloud.
		return slices.DeleteFunc(found, func(name string) bool { return name == "memory" })
	}
}

// driverFiles are those that each driver has.
var driverFiles = []string{"driver.go", "config.go", "states.go", "codes.go"}

// testOf is a test in a folder of each cloud that makes a call.
func testOf(parent, file, call, what string) place {
	return place{
		parent + northcloud + "/" + file, what,
		func(t tree) []string {
			var names []string
			for at, text := range t.files {
				name, ok := strings.CutPrefix(path.Dir(at), parent)
				if ok && strings.HasSuffix(at, "_test.go") && strings.Contains(text, call) {
					names = append(names, name)
				}
			}
			return t.onlyClouds(names)
		},
		func(t *tree, name string) { t.files[parent+name+"/"+file] += "// " + call },
	}
}

// onlyClouds leaves out names of something else.
func (t tree) onlyClouds(names []string) []string {
	all := t.all()
	return slices.DeleteFunc(names, func(name string) bool { return !slices.Contains(all, name) })
}

const ourDriver = "github.com/instance-power/terraform-provider-instance/internal/backend/"

var lintRule = regexp.MustCompile(
	`(?m)^ +(\w+):\n +list-mode: strict\n +files:\n +- "\*\*/internal/backend/(\w+)/\*\.go"`)

func lintRules(t tree) []string {
	var names []string
	for _, m := range lintRule.FindAllStringSubmatch(t.files[".golangci.yml"], -1) {
		if m[1] == m[2] {
			names = append(names, m[1])
		}
	}
	return t.onlyClouds(names)
}

func lintImports(t tree) []string {
	_, rule, _ := strings.Cut(t.files[".golangci.yml"], "\n        provider:\n")
	rule, _, _ = strings.Cut(rule, "\n\n")
	var names []string
	for line := range strings.Lines(rule) {
		if _, name, ok := strings.Cut(strings.TrimSpace(line), ourDriver); ok {
			names = append(names, strings.TrimSuffix(name, "$"))
		}
	}
	return t.onlyClouds(names)
}

// policies are the clouds that have a policy for a purpose, or that document none.
func policies(purpose string) func(tree) []string {
	return func(t tree) []string {
		var names []string
		for _, s := range t.services {
			if s.NoPolicies {
				names = append(names, s.Cloud)
			}
		}
		for file := range t.files {
			name, ok := strings.CutPrefix(file, "examples/guides/permissions/")
			if name, is := strings.CutSuffix(name, "-"+purpose+".json"); ok && is {
				names = append(names, name)
			}
		}
		return names
	}
}

// all are the clouds that any of the two tables, or a folder, has.
func (t tree) all() []string {
	names := slices.Concat(
		t.clouds, folders("internal/simulator", "wire.go")(t), folders("internal/backend", driverFiles...)(t))
	for _, s := range t.services {
		names = append(names, s.Cloud)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// forgotten describes the clouds that a place lacks.
func (t tree) forgotten() []string {
	var problems []string
	all := t.all()
	for _, p := range places() {
		named := p.named(t)
		for _, name := range all {
			if !slices.Contains(named, name) {
				at := strings.ReplaceAll(p.at, "northcloud", name)
				problems = append(problems, fmt.Sprintf("%s: %s for %s", at, p.what, name))
			}
		}
	}
	for _, l := range t.listings() {
		for _, name := range all {
			if !slices.Contains(l.named, name) && partly[l.file][name] == "" {
				named := strings.Join(l.named, ", ")
				problems = append(problems, fmt.Sprintf("%s: names %s, and not %s", l, named, name))
			}
		}
	}
	return problems
}

// readTree reads what is in the repository.
func readTree(t *testing.T) tree {
	t.Helper()
	found := tree{
		files: map[string]string{}, clouds: cloudNames(clouds), services: localcloud.Services(),
		brands: map[string]string{}, read: newReader(),
	}
	for name, c := range clouds {
		found.brands[name], _, _ = strings.Cut(c.title, " ")
	}
	root := filepath.Join("..", "..")
	// Generated, of other programs, or of the past.
	skipped := []string{
		".git", ".bin", ".cache", ".changes", ".ci", "dist", "docs", "tools", "CHANGELOG.md", "DESIGN.md", "go.mod", "go.sum",
		"terraform-provider-instance", // what "make build" makes
	}
	extensions := []string{"", ".go", ".md", ".tmpl", ".tf", ".hcl", ".json", ".yml", ".yaml", ".sh"}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case slices.Contains(skipped, name) && entry.IsDir():
			return fs.SkipDir
		case slices.Contains(skipped, name) || entry.IsDir() || !slices.Contains(extensions, path.Ext(name)):
			return nil
		}
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		found.files[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestNoPlaceHasForgottenACloud(t *testing.T) {
	t.Parallel()
	for _, problem := range readTree(t).forgotten() {
		t.Error(problem)
	}
}

// TestNoDriverKnowsAnother: what one driver must know of another cloud, such as the
// form of its ids, is a matter of the provider.
func TestNoDriverKnowsAnother(t *testing.T) {
	t.Parallel()
	real := readTree(t)
	all := real.all()
	for file, text := range real.files {
		name, _, _ := strings.Cut(strings.TrimPrefix(file, "internal/backend/"), "/")
		if !strings.HasPrefix(file, "internal/backend/"+name+"/") || !slices.Contains(all, name) ||
			strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, other := range real.mentioned(text, all) {
			if other != name {
				t.Errorf("%s names %s", file, other)
			}
		}
	}
}

// numbered finds how many clouds there are, which a further one makes wrong.
var numbered = regexp.MustCompile(
	`(?i)\b(?:three|four|five|six|[3-6])` + gap + `(?:\w+` + gap + `)?(?:clouds|drivers)\b|` +
		`\b(?:all|of the) (?:four|five|six)(?:[,.;:]| and\b)`)

// gap is between two words, which may be on two lines of a comment.
const gap = `(?:[ \t]+|[ \t]*\n[ \t/#*]*)`

// TestNoTextCountsTheClouds: a sentence that says how many clouds there are names no
// cloud, so that nothing else finds it.
func TestNoTextCountsTheClouds(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"on all four clouds": true, "stops instances on all four, and counts": true, "4 clouds": true,
		"start four simulated clouds": true, "any of the four\n// clouds": true, "the four actions": false,
		"all clouds": false, "four of ten clouds": false,
	} {
		if got := numbered.MatchString(text); got != want {
			t.Errorf("%q counts the clouds: %v, want %v", text, got, want)
		}
	}
	real := readTree(t)
	all := real.all()
	for file, text := range real.files {
		if ownOf(file, all) || file == "internal/provider/places_test.go" {
			continue
		}
		for _, found := range numbered.FindAllString(text, -1) {
			t.Errorf("%s counts the clouds: %q", file, found)
		}
	}
}
