package pages

import (
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// registry is where the registry shows the documentation.
const registry = "https://registry.terraform.io/providers/instance-power/instance/latest/docs"

var (
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	spanCode = regexp.MustCompile("`[^`\n]*`")
)

func links(p page) []string {
	var all []string
	for _, match := range link.FindAllStringSubmatch(spanCode.ReplaceAllString(p.prose, ""), -1) {
		all = append(all, match[1])
	}
	return all
}

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	t.Parallel()
	all := pages(t)
	for _, p := range all {
		for _, target := range links(p) {
			if problem := follow(all, p, target); problem != "" {
				t.Errorf("%s: the link %s %s", p.name, target, problem)
			}
		}
	}
}

// follow returns what is wrong with a link, or nothing. Links to other hosts are
// checked for their form only, since a test needs no network.
func follow(all map[string]page, from page, target string) string {
	u, err := url.Parse(target)
	if err != nil {
		return err.Error()
	}
	name := ""
	switch {
	case strings.HasPrefix(target, registry):
		name = path.Join("docs", strings.TrimPrefix(u.Path, "/providers/instance-power/instance/latest/docs")) + ".md"
		if name == "docs.md" {
			name = "docs/index.md"
		}
	case u.Scheme != "":
		if u.Scheme != "https" || u.Host == "" {
			return "is not https"
		}
		return ""
	case u.Path == "":
		name = from.name
	default:
		name = path.Join(path.Dir(from.name), u.Path)
	}
	to, isPage := all[name]
	if !isPage {
		if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(name))); err != nil || u.Fragment != "" {
			return "has no target"
		}
		return ""
	}
	if u.Fragment != "" && !to.anchors[u.Fragment] {
		return "names no heading of " + name
	}
	return ""
}

// The registry shows the landing page at an address without a last slash, so that
// a relative link on it leads past the documentation.
func TestTheLandingPageHasNoRelativeLink(t *testing.T) {
	t.Parallel()
	found := links(pages(t)["docs/index.md"])
	if len(found) == 0 {
		t.Error("the landing page has no link")
	}
	for _, target := range found {
		if !strings.HasPrefix(target, "https://") && !strings.HasPrefix(target, "#") {
			t.Errorf("the link %s is relative", target)
		}
	}
}

// Each page of a resource, data source, action, list resource or function leads
// to a guide, and each guide leads back to the reference.
func TestReferenceAndGuidesLeadToEachOther(t *testing.T) {
	t.Parallel()
	guides, references := 0, 0
	for name, p := range pages(t) {
		folder := path.Base(path.Dir(name))
		if !strings.HasPrefix(name, "docs/") || folder == "docs" {
			continue
		}
		if folder == "guides" {
			guides++
		} else {
			references++
		}
		guide, reference := false, false
		for _, target := range links(p) {
			if strings.Contains(target, "guides/") {
				guide = true
			}
			for _, kind := range []string{"resources/", "data-sources/", "actions/", "list-resources/", "functions/"} {
				reference = reference || strings.Contains(target, kind)
			}
		}
		switch {
		case folder == "guides" && !reference:
			t.Errorf("%s leads to no page of the reference", name)
		case folder != "guides" && !guide:
			t.Errorf("%s leads to no guide", name)
		}
	}
	if guides < 5 || references < 5 {
		t.Errorf("found %d guides and %d pages of the reference, which cannot be all", guides, references)
	}
}

func TestFollowFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	all := map[string]page{
		"docs/index.md":    parse("docs/index.md", "# Index"),
		"docs/guides/a.md": parse("docs/guides/a.md", "# A `b` c!\n\n<a id=\"x\"></a>"),
	}
	for target, sound := range map[string]bool{
		"#a-b-c": true, "#a": false, "#x": true,
		"../index.md": true, "../index.md#index": true, "../index.md#a": false, "b.md": false,
		registry: true, registry + "/guides/a": true, registry + "/guides/a#a-b-c": true, registry + "/guides/b": false,
		registry + "#credentials": false,
		"http://example.com":      false, "https://example.com/x": true,
	} {
		if problem := follow(all, all["docs/guides/a.md"], target); (problem == "") != sound {
			t.Errorf("%s: got %q", target, problem)
		}
	}
}
