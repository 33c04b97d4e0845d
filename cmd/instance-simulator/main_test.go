package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// steps are texts of the next steps.
func steps(url string) []string {
	return []string{
		"export ALICLOUD_REGION='cn-hangzhou'\n",
		"provider \"instance\" {\n  tencentcloud {\n    endpoint          = \"http://",
		"    endpoint = \"http://", url + "/_simulator/v1/tencentcloud/calls?format=table", url + "/_simulator/\n",
	}
}

// startProgram runs the program on a free port until the test ends, unless the
// arguments have an address, and returns its URL.
func startProgram(t *testing.T, args ...string) string {
	t.Helper()
	stdout, output := io.Pipe()
	var stderr bytes.Buffer
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"-listen", simulator.DefaultAddress}, args...), output, &stderr)
		ended <- errors.Join(err, output.Close())
	}()
	lines := bufio.NewReader(stdout)
	line, err := lines.ReadString('\n')
	if err != nil {
		cancel()
		t.Fatalf("the program ended: %v", <-ended)
	}
	url := strings.TrimSpace(line)
	t.Cleanup(func() {
		cancel()
		rest, err := io.ReadAll(lines)
		if err := errors.Join(err, <-ended); err != nil || len(rest) > 0 {
			t.Errorf("the program ends with %v, and prints %q after its URL", err, rest)
		}
		for _, want := range steps(url) {
			if got := strings.Contains(stderr.String(), want); got == slices.Contains(args, "-quiet") {
				t.Errorf("with %q it prints %q: %t; stderr is\n%s", args, want, got, stderr.String())
			}
		}
		if warned := strings.HasPrefix(stderr.String(), "WARNING: other machines can reach "); warned != slices.Contains(args,
			"-allow-remote") {
			t.Errorf("with %q it warns: %t; stderr is\n%s", args, warned, stderr.String())
		}
	})
	return url
}

func TestServesUntilToldToEnd(t *testing.T) {
	t.Parallel()
	seed := filepath.Join(t.TempDir(), "seed.json")
	if err := os.WriteFile(seed, []byte(`{"tencentcloud":[{"id":"ins-fromfile1"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	control := simulator.NewControl(startProgram(t, "-demo", "-seed", seed, "-transition", "7s"), "tencentcloud")
	for _, id := range []string{"ins-fromfile1", "ins-demoweb1"} {
		if _, err := control.Instance(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
	if err := control.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := control.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := control.Instance(t.Context(), "ins-fromfile1"); err != nil {
		t.Errorf("after a reset: %v", err)
	}
	settings, err := control.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := settings.Durations.Start; got != simulator.Duration(7*time.Second) {
		t.Errorf("a start takes %s, want 7s", got)
	}
}

func TestWithoutSeedThereIsNothing(t *testing.T) {
	t.Parallel()
	all, err := simulator.NewControl(startProgram(t, "-quiet"), "tencentcloud").Instances(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 0 {
		t.Errorf("there are %d instances, want none", len(all))
	}
}

func TestOtherMachinesAreAllowedByAFlag(t *testing.T) {
	t.Parallel()
	url := startProgram(t, "-listen", "0.0.0.0:0", "-allow-remote", "-demo")
	if !strings.HasPrefix(url, "http://127.0.0.1:") {
		t.Errorf("its URL is %s, want one for this machine", url)
	}
	if _, err := simulator.NewControl(url, "alicloud").Instances(t.Context()); err != nil {
		t.Error(err)
	}
}

// The file is there while the program serves, whatever a former run has left.
func TestTheReadyFile(t *testing.T) {
	t.Parallel()
	ready := filepath.Join(t.TempDir(), "ready")
	if err := os.WriteFile(ready, []byte("http://127.0.0.1:1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Run("while it serves", func(t *testing.T) {
		t.Parallel()
		url := startProgram(t, "-quiet", "-ready-file", ready)
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		for range 2000 {
			data, err := os.ReadFile(ready)
			if err == nil && string(data) == url+"\n" {
				return
			}
			if err == nil {
				t.Fatalf("the file has %q while the program serves at %s", data, url)
			}
			<-ticker.C
		}
		t.Error("the file is not written")
	})
	t.Cleanup(func() {
		if left, err := os.ReadDir(filepath.Dir(ready)); err != nil || len(left) > 0 {
			t.Errorf("the program leaves %v (%v)", left, err)
		}
	})
}

func TestTwoProgramsOnOnePort(t *testing.T) {
	t.Parallel()
	address := strings.TrimPrefix(startProgram(t, "-quiet"), "http://")
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), []string{"-listen", address}, &stdout, &stderr)
	if err == nil || !strings.Contains(err.Error(), "-listen: another program, perhaps another simulator, has "+address) {
		t.Errorf("the second one ends with %v", err)
	}
	if stdout.Len() > 0 || stderr.Len() > 0 {
		t.Errorf("the second one prints %q and %q", stdout.String(), stderr.String())
	}
}

// An address of another machine is one that the provider does not take over plain
// HTTP.
func TestAnAddressThatIsNotThisMachine(t *testing.T) {
	t.Parallel()
	server, err := localcloud.Start(t.Context(), simulator.DefaultAddress)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	for listen, want := range map[string]bool{
		"192.0.2.1:8090": true, "0.0.0.0:8090": false, "[::]:8090": false, ":8090": false,
	} {
		var out strings.Builder
		if err := introduce(&out, server, options{listen: listen, quiet: true}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(out.String(), "forward a port of its machine"); got != want {
			t.Errorf("for %s it says to forward a port: %t, want %t", listen, got, want)
		}
	}
}

func TestASeedFileIsRefusedWithItsLine(t *testing.T) {
	t.Parallel()
	seed := filepath.Join(t.TempDir(), "seed.json")
	if err := os.WriteFile(seed, []byte("{\"alicloud\": [\n  {\"id\": \"web-1\"}\n]}"), 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), []string{"-listen", simulator.DefaultAddress, "-seed", seed}, &stdout, &stderr)
	if err == nil || !strings.Contains(err.Error(), seed+": line 2: field id: ") || stdout.Len() > 0 {
		t.Errorf("got error %v and output %q, want the file and the line", err, stdout.String())
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	if err := run(t.Context(), []string{"-env"}, &stdout, &stderr); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"export TENCENTCLOUD_SECRET_ID='AKID-simulator-demo'\n", "export TENCENTCLOUD_REGION='ap-guangzhou'\n",
		"#   tencentcloud {\n#     endpoint          = \"http://127.0.0.1:8090\"\n" +
			"#     sts_endpoint      = \"http://127.0.0.1:8090\"\n#     metadata_endpoint = \"http://127.0.0.1:8090\"\n#   }\n",
		"#   zenlayercloud {\n#     endpoint = \"http://127.0.0.1:8090\"\n#   }\n",
		`"audience":"alibabacloud.workload.identity"}' http://127.0.0.1:8090/_simulator/v1/issuer/token`,
		"#   assume_role_with_web_identity {\n", `#     role_trn = "trn:iam::2100000001:role/terraform-apply"`,
	} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("it prints %s, want %q in it", stdout.String(), want)
		}
	}
	for _, listen := range []string{"0.0.0.0:8091", ":8091", "[::]:8091"} {
		stdout.Reset()
		if err := run(t.Context(), []string{"-env", "-listen", listen, "-allow-remote"}, &stdout, &stderr); err != nil ||
			!strings.Contains(stdout.String(), `endpoint = "http://127.0.0.1:8091"`) {
			t.Errorf("for %s it prints %s (%v), want an address of this machine", listen, stdout.String(), err)
		}
	}
	for line := range strings.Lines(stdout.String()) {
		if !strings.HasPrefix(line, "export ") && !strings.HasPrefix(line, "#") {
			t.Errorf("line %q is neither a variable nor a comment", line)
		}
	}
}

func TestWrongFlags(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"an address for all to see":    {"-listen", "0.0.0.0:0"},
		"no address":                   {"-listen", "8090"},
		"a port by its name":           {"-listen", "127.0.0.1:http"},
		"a port that does not exist":   {"-listen", "127.0.0.1:99999"},
		"an argument":                  {"now"},
		"a flag that does not exist":   {"-fast"},
		"a negative transition":        {"-transition", "-1s"},
		"a seed file that is not here": {"-listen", simulator.DefaultAddress, "-seed", filepath.Join(t.TempDir(), "none")},
		"a ready file in no directory": {
			"-listen", simulator.DefaultAddress, "-ready-file", filepath.Join(t.TempDir(), "none", "ready"),
		},
		"variables for a free port": {"-env", "-listen", simulator.DefaultAddress},
	} {
		var stdout, stderr bytes.Buffer
		if err := run(t.Context(), args, &stdout, &stderr); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	var stdout, stderr bytes.Buffer
	if err := run(t.Context(), []string{"-help"}, &stdout, &stderr); err != nil || !strings.Contains(stderr.String(),
		"-transition") {
		t.Errorf("-help gives %v and %q", err, stderr.String())
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), []string{"-version"}, &stdout, &stderr)
	if err != nil || strings.TrimSpace(stdout.String()) == "" {
		t.Errorf("got error %v and %q, want a version", err, stdout.String())
	}
}
