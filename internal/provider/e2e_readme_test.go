package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// TestEndToEndReadme plans and applies the example of the README and compares each
// line that the README shows, in its order, with what the CLI prints.
func TestEndToEndReadme(t *testing.T) {
	t.Parallel()
	cliPath(t)
	data, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	form := regexp.MustCompile("(?s)<!-- example.*?```terraform\n(.*?)```.*?```text\n(.*?)```")
	example := form.FindStringSubmatch(string(data))
	if example == nil {
		t.Fatal("the README has no example")
	}
	server := startClouds(t)
	if err := localcloud.Demo(server); err != nil {
		t.Fatal(err)
	}
	localcloud.SetTransition(server, transitionTime)
	c := newCLI(t, "", exampleEnvironment(server)...)
	c.write("main.tf", strings.ReplaceAll(example[1], "tencentcloud_instance.web.id", `"ins-demoweb1"`))
	c.write("readme_override.tf", fmt.Sprintf("provider \"instance\" {\n  tencentcloud {\n"+
		"    region = \"ap-guangzhou\"\n    endpoint = %q\n  }\n}\n", server.URL()))
	out, err := c.run("apply", "-auto-approve", "-no-color")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	rest := normalLine(out)
	for _, line := range strings.Split(example[2], "\n") {
		want := normalLine(line)
		if want == "" || strings.HasPrefix(want, "$ ") {
			continue
		}
		// A sentence may be wrapped elsewhere, and a warning comes in its own time.
		if !strings.Contains(rest, want) {
			t.Errorf("the output has no %q:\n%s", line, out)
		}
	}
}

// normalLine removes what differs from run to run: alignment, line breaks and
// times.
func normalLine(text string) string {
	text = regexp.MustCompile(`after \d+s`).ReplaceAllString(text, "after Ns")
	return strings.Join(strings.Fields(text), " ")
}
