package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// exampleForms find the ids that the examples name, by the cloud that has them:
// they begin like the ids of the cloud's service.
func exampleForms() map[string]*regexp.Regexp {
	forms := map[string]*regexp.Regexp{}
	for _, s := range localcloud.Services() {
		prefix, _, _ := strings.Cut(s.IDPattern, "#")
		forms[s.Cloud] = regexp.MustCompile(`"(` + regexp.QuoteMeta(prefix) + `[0-9a-z]+)"`)
	}
	return forms
}

// exampleBlock finds a block of a file: an instance that it names is in the region
// that it names.
var exampleBlock = regexp.MustCompile(`(?s)(resource|data|action|list) "[^"]+" "[^"]+" \{.*?\n\}`)

// TestEndToEndExamplesApply applies every example folder as it stands on the
// pages, on simulated clouds that hold the instances which it names, and ends
// with an empty plan and a destroy.
func TestEndToEndExamplesApply(t *testing.T) {
	t.Parallel()
	cliPath(t)
	for _, folder := range exampleFolders(t) {
		t.Run(filepath.ToSlash(folder), func(t *testing.T) {
			t.Parallel()
			applyExample(t, filepath.Join("..", "..", "examples", folder))
		})
	}
}

// exampleFolders lists the folders whose files are resources, data sources or
// the provider's block.
func exampleFolders(t *testing.T) []string {
	t.Helper()
	var folders []string
	for _, pattern := range []string{"provider", "resources/*", "data-sources/*", "functions/*", "guides/*"} {
		found, err := filepath.Glob(filepath.Join("..", "..", "examples", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			folder, err := filepath.Rel(filepath.Join("..", "..", "examples"), path)
			if err != nil {
				t.Fatal(err)
			}
			folders = append(folders, folder)
		}
	}
	if len(folders) < 3 {
		t.Fatalf("found only %d example folders: %v", len(folders), folders)
	}
	return folders
}

func applyExample(t *testing.T, source string) {
	t.Helper()
	server := startClouds(t)
	localcloud.SetTransition(server, transitionTime)
	c := newCLI(t, "", exampleEnvironment(server)...)
	ownProvider := false
	files, err := filepath.Glob(filepath.Join(source, "*.tf"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the folder has no example: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(filepath.Base(file), "identity") {
			continue // An import block by identity has a test of its own.
		}
		seedExample(t, server, string(text))
		seedSearches(t, server, string(text))
		if strings.Contains(string(text), "required_providers") {
			c.write("main.tf", "")
		}
		ownProvider = ownProvider || strings.Contains(string(text), "provider \"instance\"")
		c.write(filepath.Base(file), string(text))
	}
	name := "provider.tf"
	if ownProvider {
		name = "provider_override.tf"
	}
	c.write(name, exampleProvider(server))
	for _, args := range [][]string{
		{"apply", "-auto-approve", "-no-color"},
		{"plan", "-detailed-exitcode", "-no-color"},
		{"destroy", "-auto-approve", "-no-color"},
	} {
		out, err := c.run(args...)
		if err != nil {
			t.Fatalf("%s: %v\n%s", args[0], err, out)
		}
		if strings.Contains(source, "instance_power_states") && args[0] == "apply" &&
			!says("2 to import, 2 to add").MatchString(out) {
			t.Errorf("the searches of the example find nothing to act on:\n%s", out)
		}
	}
}

// seedExample puts the instances that a file names into the clouds.
func seedExample(t *testing.T, server *simulator.Server, text string) {
	t.Helper()
	region := regexp.MustCompile(`region\s*=\s*"([^"]+)"`)
	blocks := append(exampleBlock.FindAllString(text, -1), "")
	for _, block := range blocks {
		for name, form := range exampleForms() {
			cloud := server.Cloud(name)
			for _, match := range form.FindAllStringSubmatch(block, -1) {
				in := simulator.Instance{ID: match[1], Name: match[1]}
				if m := region.FindStringSubmatch(block); m != nil && slices.Contains(cloud.Regions(), m[1]) {
					in.Region = m[1]
				}
				if err := cloud.Seed(in); err != nil {
					t.Fatalf("seed %s: %v", match[1], err)
				}
			}
		}
	}
}

// exampleSearch is a data source that looks for instances, and what it asks of
// them.
var (
	exampleSearch = regexp.MustCompile(`(?s)data "instance_power_states" "[^"]+" \{.*?\n\}`)
	exampleCloud  = regexp.MustCompile(`cloud\s*=\s*"([^"]+)"`)
	exampleName   = regexp.MustCompile(`name\s*=\s*"([^"*]+)\*"`)
	exampleTag    = regexp.MustCompile(`tags\s*=\s*\{\s*(\w+)\s*=\s*"([^"]+)"`)
)

// seedSearches puts two instances into a cloud for each search that names no
// ids, such that it finds them: one that finds nothing shows nothing.
func seedSearches(t *testing.T, server *simulator.Server, text string) {
	t.Helper()
	for i, block := range exampleSearch.FindAllString(text, -1) {
		named := exampleCloud.FindStringSubmatch(block)
		if strings.Contains(block, "instance_ids") || named == nil {
			continue
		}
		cloud := server.Cloud(named[1])
		like := simulator.Instance{}
		if tag := exampleTag.FindStringSubmatch(block); tag != nil {
			like.Tags = map[string]string{tag[1]: tag[2]}
		}
		if strings.Contains(block, `"stopped"`) {
			like.Status, like.StoppedMode = cloud.Words().Stopped, cloud.Words().KeepCharging
		}
		names := "found-#"
		if prefix := exampleName.FindStringSubmatch(block); prefix != nil {
			names = prefix[1] + "#"
		}
		at := slices.IndexFunc(services(), func(s service) bool { return s.cloud == named[1] })
		if _, err := cloud.SeedBulk(simulator.Bulk{
			Count:       2,
			First:       900 + 10*i,
			IDPattern:   services()[at].idPattern,
			NamePattern: names,
			Template:    like,
		}); err != nil {
			t.Fatalf("seed for a search: %v", err)
		}
	}
}

// exampleEnvironment holds the credentials of all clouds.
func exampleEnvironment(server *simulator.Server) []string {
	var env []string
	for _, wire := range server.Wires() {
		env = append(env, wire.Environment(server.URL())...)
	}
	return env
}

// exampleProvider points the provider's block at the simulator.
func exampleProvider(server *simulator.Server) string {
	var text strings.Builder
	text.WriteString("provider \"instance\" {\n")
	for _, wire := range server.Wires() {
		name := wire.Cloud().Name()
		region := ""
		if clouds[name].hasRegion() {
			region = fmt.Sprintf("region = %q\n", wire.Cloud().Regions()[0])
		}
		fmt.Fprintf(&text, "%s {\n%sendpoint = %q\n}\n", name, region, server.URL())
	}
	text.WriteString("}\n")
	return text.String()
}
