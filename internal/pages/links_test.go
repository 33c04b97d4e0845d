package pages

import (
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// registry is where the registry shows the documentation.
const registry = "https://registry.terraform.io/providers/instance-power/instance/latest/docs"

// repository finds addresses of files and folders of the repository, as they are on
// its main branch.
var repository = regexp.MustCompile(
	`^https://(?:github\.com/instance-power/terraform-provider-instance/(?:tree|blob)|` +
		`raw\.githubusercontent\.com/instance-power/terraform-provider-instance)/main/(.+)$`)

var (
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	picture  = regexp.MustCompile(`!\[[^\]]*\]\(([^)\s]+)\)`)
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
	file := repository.FindStringSubmatch(target)
	switch {
	case file != nil:
		name = file[1]
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

// The registry has no pictures: the address of one is that of the repository.
func TestPicturesOfTheDocumentationAreInTheRepository(t *testing.T) {
	t.Parallel()
	for name, p := range pages(t) {
		for _, target := range picture.FindAllStringSubmatch(p.prose, -1) {
			if strings.HasPrefix(name, "docs/") && repository.FindString(target[1]) == "" {
				t.Errorf("%s: the registry cannot show the picture %s", name, target[1])
			}
		}
	}
}

// Each picture is on a page.
func TestEveryPictureIsShown(t *testing.T) {
	t.Parallel()
	drawn, err := filepath.Glob(filepath.Join(root, "templates", "images", "*.svg"))
	if err != nil || len(drawn) == 0 {
		t.Fatalf("found no pictures: %v", err)
	}
	var shown []string
	for _, p := range pages(t) {
		for _, target := range picture.FindAllStringSubmatch(p.prose, -1) {
			shown = append(shown, path.Base(target[1]))
		}
	}
	for _, file := range drawn {
		if !slices.Contains(shown, filepath.Base(file)) {
			t.Errorf("no page shows %s", file)
		}
	}
}

// The registry serves the landing page at an address of its own, to which a relative
// link does not lead.
func TestNoRelativeLinkLeadsToTheLandingPage(t *testing.T) {
	t.Parallel()
	for name, p := range pages(t) {
		for _, target := range links(p) {
			if strings.HasPrefix(name, "docs/") && strings.HasPrefix(target, "../index.md") {
				t.Errorf("%s: the link %s is relative", name, target)
			}
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
		"https://raw.githubusercontent.com/instance-power/terraform-provider-instance/main/README.md":  true,
		"https://github.com/instance-power/terraform-provider-instance/tree/main/internal/pages":       true,
		"https://github.com/instance-power/terraform-provider-instance/blob/main/internal/pages/no.go": false,
	} {
		if problem := follow(all, all["docs/guides/a.md"], target); (problem == "") != sound {
			t.Errorf("%s: got %q", target, problem)
		}
	}
}
