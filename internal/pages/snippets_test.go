package pages

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// A block of configuration is well formed and formatted. The long ones are files
// of examples/, which a test applies as they stand.
func TestSnippetsOfConfiguration(t *testing.T) {
	t.Parallel()
	examples := exampleFiles(t)
	checked := 0
	for name, p := range pages(t) {
		for _, b := range p.blocks {
			if b.language != "terraform" && b.language != "hcl" {
				continue
			}
			checked++
			text := []byte(b.text + "\n")
			if _, problems := hclsyntax.ParseConfig(text, name, hcl.InitialPos); problems.HasErrors() {
				t.Errorf("%s, line %d: %v", name, b.line, problems)
			}
			if formatted := hclwrite.Format(text); string(formatted) != string(text) {
				t.Errorf("%s, line %d: format it as\n%s", name, b.line, formatted)
			}
			if strings.HasPrefix(name, "docs/") && strings.Count(b.text, "\n") > longestInline &&
				!examples[strings.TrimSpace(b.text)] && !foreign.MatchString(b.text) {
				t.Errorf("%s, line %d: make this long block a file of examples/, which a test applies", name, b.line)
			}
		}
	}
	if checked < 20 {
		t.Errorf("found %d blocks of configuration, which cannot be all", checked)
	}
}

// longestInline is how many lines of configuration may stand in a page without
// being a file of examples/.
const longestInline = 20

// foreign finds resources of the clouds' own providers, which no test installs.
var foreign = regexp.MustCompile(`resource "(` + strings.Join(clouds(), "|") + `)_`)

func clouds() []string {
	var names []string
	for _, s := range localcloud.Services() {
		names = append(names, s.Cloud)
	}
	return names
}

func exampleFiles(t *testing.T) map[string]bool {
	t.Helper()
	files := map[string]bool{}
	err := filepath.WalkDir(filepath.Join(root, "examples"), func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(name) //nolint:gosec // A file of the repository.
		files[strings.TrimSpace(string(data))] = true
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestSnippetsOfJSON(t *testing.T) {
	t.Parallel()
	checked := 0
	for name, p := range pages(t) {
		for _, b := range p.blocks {
			var texts []string
			switch b.language {
			case "json":
				texts = []string{b.text}
			case "sh":
				for _, body := range sent.FindAllStringSubmatch(b.text, -1) {
					texts = append(texts, body[1])
				}
			}
			for _, text := range texts {
				checked++
				if !json.Valid([]byte(text)) {
					t.Errorf("%s, line %d: this is not JSON: %s", name, b.line, text)
				}
			}
		}
	}
	if checked < 15 {
		t.Errorf("found %d texts in JSON, which cannot be all", checked)
	}
}

// sent is what a curl command sends.
var sent = regexp.MustCompile(`(?:-d|--data) '([^']*)'`)

// A block has a language, so that it is shown as what it is.
func TestSnippetsNameTheirLanguage(t *testing.T) {
	t.Parallel()
	known := map[string]bool{
		"terraform": true, "hcl": true, "sh": true, "shell": true, "text": true, "json": true, "yaml": true, "go": true,
	}
	for name, p := range pages(t) {
		for _, b := range p.blocks {
			if !known[b.language] {
				t.Errorf("%s, line %d: the language of the block is %q", name, b.line, b.language)
			}
		}
	}
}

var (
	makes = regexp.MustCompile(`(?m)(?:^|[\s(])make ([a-z][a-z-]*)`)
	runs  = regexp.MustCompile(`go (?:run|install|test) (\./[\w./-]+)`)
	rule  = regexp.MustCompile(`(?m)^([a-z-]+):`)
)

// What a page tells the reader to run exists: targets of make, and programs.
func TestCommandsExist(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join(root, "GNUmakefile"))
	if err != nil {
		t.Fatal(err)
	}
	targets := map[string]bool{}
	for _, match := range rule.FindAllStringSubmatch(string(data), -1) {
		targets[match[1]] = true
	}
	commands := 0
	for name, p := range pages(t) {
		var code []string
		for _, b := range p.blocks {
			if b.language == "sh" || b.language == "shell" {
				code = append(code, b.text)
			}
		}
		for _, span := range spanCode.FindAllString(p.prose, -1) {
			code = append(code, strings.Trim(span, "`"))
		}
		text := strings.Join(code, "\n")
		for _, match := range makes.FindAllStringSubmatch(text, -1) {
			commands++
			if !targets[match[1]] {
				t.Errorf("%s: there is no make %s", name, match[1])
			}
		}
		for _, match := range runs.FindAllStringSubmatch(text, -1) {
			commands++
			folder := strings.TrimSuffix(strings.TrimSuffix(match[1], "..."), "/")
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(folder))); err != nil {
				t.Errorf("%s: there is no %s", name, match[1])
			}
		}
	}
	if commands < 30 {
		t.Errorf("found %d commands, which cannot be all", commands)
	}
}
