package pages

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// root is the folder of the repository.
var root = filepath.Join("..", "..")

// page is one Markdown file.
type page struct {
	name    string // from the root, with slashes
	text    string
	prose   string // the text without code blocks
	anchors map[string]bool
	blocks  []block
}

// block is a fenced block of code.
type block struct {
	language string
	text     string
	line     int // of the fence, counted from 1
}

// read returns a file of the repository.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// pages reads the rendered documentation and the pages of the repository.
func pages(t *testing.T) map[string]page {
	t.Helper()
	all := map[string]page{}
	add := func(name string) { all[name] = parse(name, read(t, name)) }
	for _, name := range []string{
		"README.md", "DESIGN.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "CODE_OF_CONDUCT.md",
	} {
		add(name)
	}
	for _, folder := range []string{"docs", "examples"} {
		err := fs.WalkDir(os.DirFS(root), folder, func(name string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && path.Ext(name) == ".md" {
				add(name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(all) < 20 {
		t.Fatalf("found %d pages, which cannot be all", len(all))
	}
	return all
}

var (
	fence   = regexp.MustCompile("^\\s*```(\\S*)")
	title   = regexp.MustCompile(`^#{1,6} (.+)$`)
	named   = regexp.MustCompile(`<a id="([^"]+)">`)
	comment = regexp.MustCompile(`(?s)<!--.*?-->`)
)

// headings are the headings of a page with their levels, in their order.
func headings(p page) [][]string {
	return heading.FindAllStringSubmatch(frontMatter.ReplaceAllString(p.prose, ""), -1)
}

var (
	heading     = regexp.MustCompile(`(?m)^(#{1,6}) (.+)$`)
	frontMatter = regexp.MustCompile(`(?s)\A---\n.*?\n---\n`)
)

// A page has one title, which comes first, and no level is left out below it: the
// registry makes its table of contents of them.
func TestHeadingsAreInOrder(t *testing.T) {
	t.Parallel()
	for name, p := range pages(t) {
		level := 0
		for i, h := range headings(p) {
			switch got := len(h[1]); {
			case (got == 1) != (i == 0):
				t.Errorf("%s: %q is a second title, or comes before the title", name, h[2])
			case got > level+1:
				t.Errorf("%s: the level above %q is left out", name, h[2])
			default:
				level = got
			}
		}
	}
}

// parse takes a page apart.
func parse(name, text string) page {
	p := page{name: name, text: text, anchors: map[string]bool{}}
	var prose, code []string
	var open *block
	for i, line := range strings.Split(text, "\n") {
		match := fence.FindStringSubmatch(line)
		switch {
		case match != nil && open == nil:
			open = &block{language: match[1], line: i + 1}
		case match != nil:
			open.text = strings.Join(code, "\n")
			p.blocks = append(p.blocks, *open)
			open, code = nil, nil
		case open != nil:
			code = append(code, line)
		default:
			prose = append(prose, line)
			if heading := title.FindStringSubmatch(line); heading != nil {
				p.anchors[slug(heading[1])] = true
			}
		}
	}
	p.prose = comment.ReplaceAllString(strings.Join(prose, "\n"), "")
	for _, match := range named.FindAllStringSubmatch(text, -1) {
		p.anchors[match[1]] = true
	}
	return p
}

var notInSlug = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)

// slug is the anchor that GitHub and the registry give to a heading.
func slug(heading string) string {
	return strings.ReplaceAll(notInSlug.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}

// callout is the mark of a note, a warning or a danger, and the rest of its line. The
// registry knows it at the beginning of a paragraph only, with text behind it
// (https://developer.hashicorp.com/terraform/registry/providers/docs#callouts).
var callout = regexp.MustCompile(`(?m)(\A|^.*\n)^(->|~>|!>)(.*)$`)

func TestCalloutsAreWhatTheRegistryKnows(t *testing.T) {
	t.Parallel()
	found := 0
	for name, p := range pages(t) {
		if !strings.HasPrefix(name, "docs/") {
			continue
		}
		for _, mark := range callout.FindAllStringSubmatch(p.prose, -1) {
			found++
			if before, text := strings.TrimSpace(mark[1]), mark[3]; before != "" || len(text) < 2 || text[0] != ' ' {
				t.Errorf("%s: the callout %q after %q shows as text", name, mark[2]+text, before)
			}
		}
	}
	if found < 10 {
		t.Errorf("found %d callouts, which cannot be all", found)
	}
}
