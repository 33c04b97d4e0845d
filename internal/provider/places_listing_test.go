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

// listing is a part of a file that names clouds: a paragraph or a table of a page; a
// list, a switch or a text of a Go file; any other file as a whole.
type listing struct {
	file  string
	part  part
	named []string
}

// part is one of a file.
type part struct {
	// name tells it from the others of its file; it is empty for the whole file.
	name string
	// end is where a further cloud can be added, in the words around %s.
	end    int
	adding string
}

func (l listing) String() string {
	if l.part.name == "" {
		return l.file
	}
	return l.file + ", " + l.part.name
}

// partly are files that name all clouds but one on purpose, with that one and the
// reason.
var partly = map[string]map[string]string{
	"examples/data-sources/instance_power_states/data-source.tf": {"zenlayercloud": "it needs no example of its own"},
	"examples/guides/force-and-data-safety/main.tf":              {"volcengine": "one example of each force is enough"},
	"examples/guides/stop-charging/main.tf":                      {"zenlayercloud": "no stop ends the billing there"},
	"templates/guides/hcp-terraform.md.tmpl":                     {"zenlayercloud": "it has no token service"},
	"templates/index.md.tmpl":                                    {"alicloud": "a list names what is special to others"},
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
		for _, p := range t.read.parts(file, t.files[file]) {
			found = append(found, listing{file, p.part, t.namedIn(p, all)})
		}
	}
	return slices.DeleteFunc(found, func(l listing) bool { return len(l.named) < max(3, len(all)-1) })
}

// namedIn are the clouds that a part names. In a list they are its elements, and
// anywhere else words, by either of their names.
func (t tree) namedIn(p wordsOf, all []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(name string) bool {
		return !p.words[name] && (p.list || !p.words[t.brands[name]])
	})
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
	return t.namedIn(wordsOf{words: wordsIn(text)}, all)
}

// wordsOf are the words of a part.
type wordsOf struct {
	part  part
	words map[string]bool
	list  bool
}

// reader reads each text once, however many trees it is in.
type reader struct {
	mu    sync.Mutex
	known map[string][]wordsOf
}

func newReader() *reader { return &reader{known: map[string][]wordsOf{}} }

var (
	oneWord = regexp.MustCompile(`[A-Za-z0-9]+`)
	// nameOfCloud may be followed by a service.
	nameOfCloud = regexp.MustCompile(`^(\w+)(?:[ -]\w+)?$`)
	// emptyLine ends a paragraph, and a table.
	emptyLine = regexp.MustCompile(`\n[ \t]*\n`)
)

func wordsIn(text string) map[string]bool {
	set := map[string]bool{}
	for _, w := range oneWord.FindAllString(text, -1) {
		set[w] = true
	}
	return set
}

// parts are those of a file that may name clouds.
func (r *reader) parts(file, text string) []wordsOf {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := path.Ext(file) + text
	if found, ok := r.known[key]; ok {
		return found
	}
	switch path.Ext(file) {
	case ".go":
		r.known[key] = partsOfGo(text)
	case ".md", ".tmpl":
		r.known[key] = partsOfPage(text)
	default:
		r.known[key] = []wordsOf{{part{end: len(text), adding: "\n%s\n"}, wordsIn(text), false}}
	}
	return r.known[key]
}

// partsOfPage are the paragraphs and tables of a page.
func partsOfPage(text string) []wordsOf {
	var found []wordsOf
	begin := 0
	for _, gap := range append(emptyLine.FindAllStringIndex(text, -1), []int{len(text), len(text)}) {
		name := fmt.Sprintf("line %d", strings.Count(text[:begin], "\n")+1)
		found = append(found, wordsOf{part{name, gap[0], " %s"}, wordsIn(text[begin:gap[0]]), false})
		begin = gap[1]
	}
	return found
}

// shortest is the length up to which a text cannot name that many clouds.
const shortest = 20

// partsOfGo are the composite literals of a Go file, by their keys or elements, its
// switches, by their cases, and its other texts.
func partsOfGo(text string) []wordsOf {
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, "", text, parser.SkipObjectResolution)
	if err != nil {
		return nil // The compiler says what is wrong with it.
	}
	var found []wordsOf
	add := func(begin, end token.Pos, adding string, words map[string]bool, list bool) {
		if len(words) < 3 {
			return
		}
		at := files.Position(begin)
		name := fmt.Sprintf("line %d:%d", at.Line, at.Column)
		found = append(found, wordsOf{part{name, files.Position(end).Offset, adding}, words, list})
	}
	ast.Inspect(parsed, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.CompositeLit:
			adding := `"%s", `
			if len(n.Elts) > 0 {
				if _, keyed := n.Elts[0].(*ast.KeyValueExpr); keyed {
					adding = `"%s": nil, `
				}
			}
			add(n.Lbrace, n.Lbrace+1, adding, namesIn(n.Elts), true)
		case *ast.SwitchStmt:
			var cases []ast.Expr
			for _, clause := range n.Body.List {
				if c, ok := clause.(*ast.CaseClause); ok {
					cases = append(cases, c.List...)
				}
			}
			add(n.Switch, n.Body.Lbrace+1, "\ncase \"%s\":\n", namesIn(cases), true)
		case *ast.BasicLit:
			if n.Kind == token.STRING && len(n.Value) > shortest {
				add(n.Pos(), n.End()-1, " %s ", wordsIn(n.Value), false)
			}
		}
		return true
	})
	return found
}

// namesIn are the names that some expressions, or the keys of some pairs, may be. What
// follows a name, such as a service, does not matter.
func namesIn(elements []ast.Expr) map[string]bool {
	names := map[string]bool{}
	for _, element := range elements {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			element = pair.Key
		}
		basic, ok := element.(*ast.BasicLit)
		if !ok || basic.Kind != token.STRING {
			continue
		}
		text, err := strconv.Unquote(basic.Value)
		if name := nameOfCloud.FindStringSubmatch(text); err == nil && name != nil {
			names[name[1]] = true
		}
	}
	return names
}
