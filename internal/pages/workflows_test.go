package pages

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	workflow = regexp.MustCompile(`(?m)^jobs:$`)
	usage    = regexp.MustCompile(`(?m)^\s*(?:- )?uses:\s*([^\s@]+)(.*)$`)
	pin      = regexp.MustCompile(`^@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
)

// workflows are the GitHub workflows of the repository and of its examples, by file.
func workflows(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, folder := range []string{".github", "examples"} {
		err := fs.WalkDir(os.DirFS(root), folder, func(name string, _ fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(name) != ".yml" {
				return err
			}
			text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
			if workflow.Match(text) {
				found[name] = string(text)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(found) < 6 {
		t.Errorf("found %d workflows, which cannot be all", len(found))
	}
	return found
}

// A tag of an action can be moved to other code, which would then run with the secrets
// of whoever copied the workflow from a page.
func TestWorkflowsPinTheirActions(t *testing.T) {
	t.Parallel()
	all := workflows(t)
	for name, p := range pages(t) {
		for _, b := range p.blocks {
			if workflow.MatchString(b.text) {
				all[name] += b.text
			}
		}
	}
	pins := map[string]string{}
	for name, text := range all {
		for _, use := range usage.FindAllStringSubmatch(text, -1) {
			action, version := use[1], use[2]
			switch {
			case strings.HasPrefix(action, "./"):
			case !pin.MatchString(version):
				t.Errorf("%s: pin %s%s by its commit, with the version in a comment", name, action, version)
			case pins[action] == "":
				pins[action] = version
			case pins[action] != version:
				t.Errorf("%s: %s is pinned to%s here and to%s elsewhere", name, action, version, pins[action])
			}
		}
	}
	if len(pins) < 4 {
		t.Errorf("found %d actions, which cannot be all", len(pins))
	}
}

// "make lint" reads the workflows that it is told, and dependabot the folders.
func TestWorkflowsAreLintedAndRenewed(t *testing.T) {
	t.Parallel()
	for name := range workflows(t) {
		folder := filepath.ToSlash(filepath.Dir(name))
		linted := strings.Contains(read(t, "GNUmakefile"), name) ||
			strings.HasSuffix(folder, ".github/workflows") // A pattern has these.
		if !linted {
			t.Errorf("%s is not in WORKFLOWS of the GNUmakefile", name)
		}
		if folder != ".github/workflows" && !strings.Contains(read(t, ".github/dependabot.yml"), "- /"+folder+"\n") {
			t.Errorf("dependabot does not renew the actions of %s", name)
		}
	}
}
