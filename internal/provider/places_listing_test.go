package provider

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// listing is a text, or a list within a Go file, that names clouds.
type listing struct {
	file  string
	index int // of the list within the file; -1 for the file as a whole
	named []string
}

func (l listing) String() string {
	if l.index < 0 {
		return l.file
	}
	return fmt.Sprintf("%s, list %d", l.file, l.index+1)
}

// partly are files that name all clouds but one on purpose, with that one and the
// reason.
var partly = map[string]map[string]string{
	"examples/data-sources/instance_power_states/data-source.tf": {"zenlayercloud": "it needs no example of its own"},
	"examples/guides/force-and-data-safety/main.tf":              {"volcengine": "one example of each force is enough"},
	"examples/guides/stop-charging/main.tf":                      {"zenlayercloud": "no stop ends the billing there"},
	"internal/cmd/demo/log_test.go":                              {"zenlayercloud": "the test of a log needs no more"},
	"internal/provider/e2e_fleet_test.go":                        {"tencentcloud": "its number is that of a split"},
	"internal/provider/e2e_input_test.go":                        {"zenlayercloud": "it has no regions"},
	"internal/provider/e2e_modes_test.go":                        {"zenlayercloud": "it has no modes"},
	"internal/provider/e2e_trouble_reads_test.go":                {"alicloud": "it has no word for it"},
	"internal/provider/e2e_trouble_states_test.go": {
		"alicloud": "its listings leave such an instance out", "volcengine": "it has no recycle bin",
	},
}

// listings are those that name at least all clouds but one. What names fewer does
// not aim at all of them.
func (t tree) listings() []listing {
	all := t.all()
	var found []listing
	for _, file := range slices.Sorted(maps.Keys(t.files)) {
		if ownOf(file, all) || path.Base(file) == ".golangci.yml" {
			continue
		}
		if strings.HasSuffix(file, ".go") {
			found = append(found, t.literals(file, t.files[file], all)...)
			continue
		}
		found = append(found, listing{file, -1, t.mentioned(t.files[file], all)})
	}
	return slices.DeleteFunc(found, func(l listing) bool { return len(l.named) < max(3, len(all)-1) })
}

// ownOf reports whether a file is in the folder of one cloud.
func ownOf(file string, all []string) bool {
	return slices.ContainsFunc(all, func(name string) bool {
		return strings.HasPrefix(file, "internal/backend/"+name+"/") ||
			strings.HasPrefix(file, "internal/simulator/"+name+"/")
	})
}

// mentioned are the clouds that a text names, by either of their names.
func (t tree) mentioned(text string, all []string) []string {
	words := t.read.words(text)
	silent := func(name string) bool { return !words[name] && !words[t.brands[name]] }
	return slices.DeleteFunc(slices.Clone(all), silent)
}

// literals are the composite literals of a Go file with the clouds that their keys,
// or elements, name. What follows a name, such as a service, does not matter.
func (t tree) literals(file, text string, all []string) []listing {
	lists := t.read.literals(text)
	found := make([]listing, len(lists))
	for i, words := range lists {
		absent := func(name string) bool { return !slices.Contains(words, name) }
		found[i] = listing{file, i, slices.DeleteFunc(slices.Clone(all), absent)}
	}
	return found
}

// reader reads each text once, however many trees it is in.
type reader struct {
	mu    sync.Mutex
	sets  map[string]map[string]bool
	lists map[string][][]string
	grown map[string]string
}

func newReader() *reader {
	return &reader{sets: map[string]map[string]bool{}, lists: map[string][][]string{}, grown: map[string]string{}}
}

var (
	oneWord = regexp.MustCompile(`\w+`)
	// nameOfCloud may be followed by a service.
	nameOfCloud = regexp.MustCompile(`^(\w+)(?:[ -]\w+)?$`)
)

// words are those of a text.
func (r *reader) words(text string) map[string]bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sets[text] == nil {
		r.sets[text] = map[string]bool{}
		for _, w := range oneWord.FindAllString(text, -1) {
			r.sets[text][w] = true
		}
	}
	return r.sets[text]
}

// literals are the composite literals of a Go file in their order, each with the
// names that its keys, or elements, may be.
func (r *reader) literals(text string) [][]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if lists, ok := r.lists[text]; ok {
		return lists
	}
	r.lists[text] = nil
	parsed, err := parser.ParseFile(token.NewFileSet(), "", text, parser.SkipObjectResolution)
	if err != nil {
		return nil // The compiler says what is wrong with it.
	}
	ast.Inspect(parsed, func(node ast.Node) bool {
		if literal, ok := node.(*ast.CompositeLit); ok {
			r.lists[text] = append(r.lists[text], namesIn(literal))
		}
		return true
	})
	return r.lists[text]
}

func namesIn(literal *ast.CompositeLit) []string {
	var words []string
	for _, element := range literal.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			element = pair.Key
		}
		basic, ok := element.(*ast.BasicLit)
		if !ok || basic.Kind != token.STRING {
			continue
		}
		text, err := strconv.Unquote(basic.Value)
		if name := nameOfCloud.FindStringSubmatch(text); err == nil && name != nil {
			words = append(words, name[1])
		}
	}
	return words
}
