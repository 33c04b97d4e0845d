//go:build linux

package provider

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// sandbox is a folder in which a CLI runs as it does on a machine of HCP Terraform: the
// rest of the file system is read-only, the user is not root, and there are no
// variables but those of a remote run.
type sandbox struct {
	t      *testing.T
	folder string
	cli    string
	env    []string
}

func newSandbox(t *testing.T, env ...string) *sandbox {
	t.Helper()
	builtOnce.Do(func() { built = true })
	binary, err := buildProvider()
	if err != nil {
		t.Fatal(err)
	}
	folder, err := os.MkdirTemp("", "sandbox-") //nolint:usetesting // Another user cannot enter the test's own.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	s := &sandbox{t: t, folder: folder, cli: filepath.Join(folder, "bin", "cli")}
	for _, name := range []string{"bin", "work", "tmp"} {
		if err := os.Mkdir(filepath.Join(folder, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// Another user may not be able to read where they are.
	s.copy(cliPath(t), "cli")
	s.copy(filepath.Join(binary, "terraform-provider-instance"), "terraform-provider-instance")
	s.write("cli.tfrc", overriding(map[string]string{thisProvider: filepath.Join(folder, "bin")}))
	s.env = append([]string{
		"TF_CLI_CONFIG_FILE=" + filepath.Join(folder, "work", "cli.tfrc"), "TMPDIR=" + filepath.Join(folder, "tmp"),
		"CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0",
	}, env...)
	return s
}

func (s *sandbox) copy(from, name string) {
	s.t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(filepath.Join(s.folder, "bin", name), data, 0o755)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *sandbox) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.folder, "work", name), []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// seal gives the working folders to the user that the CLI runs as, and makes the rest
// of the sandbox read-only to it.
func (s *sandbox) seal() {
	s.t.Helper()
	err := os.Chmod(s.folder, 0o755)
	if os.Getuid() == 0 {
		err = errors.Join(err, filepath.WalkDir(s.folder, func(path string, _ fs.DirEntry, walk error) error {
			if walk != nil || strings.HasPrefix(path, filepath.Join(s.folder, "bin")) || path == s.folder {
				return walk
			}
			return os.Lchown(path, nobodyID, nobodyID) //nolint:gosec // G122: the test has just made them.
		}))
	} else {
		s.t.Log("this test is not run by root: the CLI runs as the same user")
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// run runs a program in the sandbox and returns what it prints. The test binary enters
// the sandbox in a process of its own and becomes the program: a thread of this process
// that gave up its rights would have to end, and the kernel kills the CLIs that other
// tests have started from it (PDEATHSIG is about threads).
func (s *sandbox) run(env []string, path string, args ...string) (string, error) {
	s.t.Helper()
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(s.t.Context(), self, append([]string{path}, args...)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = filepath.Join(s.folder, "work"), &out, &out
	cmd.Env = slices.Concat(s.env, env, []string{sandboxInstead + "=" + s.folder})
	cmd.WaitDelay = 30 * time.Second
	err = cmd.Run()
	return out.String(), err
}

// wantSealed checks that the sandbox is one.
func (s *sandbox) wantSealed() {
	s.t.Helper()
	_, missing := landlockVersion()
	readOnly := missing == nil
	if !readOnly {
		s.t.Logf("the rest of the file system is as writable as it is to this user: %v", missing)
	}
	out, err := s.run([]string{"PATH=" + os.Getenv("PATH")}, "/bin/sh", "-c",
		"id -u; echo x 2>/dev/null > /var/tmp/sandbox-$$ && echo wrote && rm /var/tmp/sandbox-$$; echo $HOME; "+
			"echo x > file && echo own")
	if err != nil {
		s.t.Fatalf("%v: %s", err, out)
	}
	if strings.HasPrefix(out, "0\n") || strings.Contains(out, "wrote") && readOnly ||
		!strings.HasSuffix(out, "\n\nown\n") {
		s.t.Fatalf("this is no sandbox: %q", out)
	}
}

// remoteRun are the variables of a run of HCP Terraform in one phase
// (https://developer.hashicorp.com/terraform/cloud-docs/run/run-environment).
func remoteRun(t *testing.T, server *simulator.Server, phase string) []string {
	t.Helper()
	env := []string{
		"TFC_RUN_ID=" + runID, "TFC_WORKSPACE_ID=ws-1", "TFC_WORKSPACE_NAME=demo", "TFC_WORKSPACE_SLUG=demo/demo",
		"TFC_PROJECT_ID=prj-1", "TFC_PROJECT_NAME=demo", "TFC_CONFIGURATION_VERSION_GIT_BRANCH=main",
		"TFC_CONFIGURATION_VERSION_GIT_COMMIT_SHA=0123456789abcdef", "TFC_CONFIGURATION_VERSION_GIT_TAG=",
		"TF_APPEND_USER_AGENT=" + appendedAgent,
	}
	for _, row := range localcloud.Services() {
		if !row.Federation.Tokens() {
			continue
		}
		token, err := row.Federation.Request(phase).Token(server.Issuer())
		if err != nil {
			t.Fatal(err)
		}
		env = append(env, "TFC_WORKLOAD_IDENTITY_TOKEN_"+hcpTag(row)+"="+token)
	}
	return env
}

// TestEndToEndRunOnAMachineOfHCPTerraform plans and applies in a sandbox, with the token of
// each phase and nothing else. The plan's token opens a role that may only describe.
func TestEndToEndRunOnAMachineOfHCPTerraform(t *testing.T) {
	t.Parallel()
	cliPath(t)
	server := startClouds(t)
	localcloud.SetTransition(server, 200*time.Millisecond)
	config, static, ids := remoteConfig(t, server, newCLI(t, "").hasEphemeralValues())
	s := newSandbox(t, static...)
	s.write("main.tf", config)
	s.seal()
	s.wantSealed()
	for _, step := range []struct {
		phase string
		args  []string
	}{
		{"plan", []string{"plan", "-no-color", "-out=plan.bin"}},
		{"apply", []string{"apply", "-no-color", "plan.bin"}},
		{"plan", []string{"plan", "-no-color", "-detailed-exitcode"}},
	} {
		if out, err := s.run(remoteRun(t, server, step.phase), s.cli, step.args...); err != nil {
			t.Fatalf("%s: %v\n%s", step.args[0], err, tail(out))
		}
	}
	for _, row := range localcloud.Services() {
		wantRemoteCalls(t, server.Cloud(row.Cloud), row)
		if in, _ := server.Cloud(row.Cloud).Instance(ids[row.Cloud]); in.Status != server.Cloud(row.Cloud).Words().Stopped {
			t.Errorf("%s: the instance is %q", row.Cloud, in.Status)
		}
	}
}

// remoteConfig is a configuration with all clouds, the variables that hold keys where a
// cloud takes no token, and the instance of each cloud.
func remoteConfig(
	t *testing.T, server *simulator.Server, phases bool,
) (config string, static []string, ids map[string]string) {
	t.Helper()
	var blocks, resources strings.Builder
	ids = map[string]string{}
	for i, row := range localcloud.Services() {
		if ids[row.Cloud] != "" {
			continue
		}
		block := map[string]any{"endpoint": server.URL()}
		if row.Region != "" {
			block["region"] = row.Region
		}
		if row.Federation.Tokens() {
			n := clouds[row.Cloud].account.Names().WebIdentity
			more := map[string]any{n.TFCTag.Name: hcpTag(row)}
			if phases {
				more[row.Federation.RoleArgument] = expression(fmt.Sprintf("terraform.applying ? %q : %q",
					row.Federation.ApplyRole, row.Federation.PlanRole))
			} else {
				bothPhases(t, server.Cloud(row.Cloud), row)
			}
			for name, value := range webIdentity(row, row.Federation.ApplyRole, more) {
				block[name] = value
			}
			block["sts_endpoint"] = server.URL()
		} else {
			family := clouds[row.Cloud].account.Families()[0]
			static = append(static, family.ID[0]+"="+row.Keys.Lasting.AccessKeyID, family.Secret[0]+"="+row.Keys.Lasting.Secret)
		}
		blocks.WriteString(hclBlock(row.Cloud, block))
		seeded, err := server.Cloud(row.Cloud).SeedBulk(simulator.Bulk{
			Count: 1, First: i + 1, IDPattern: row.IDPattern, Template: row.Template,
		})
		if err != nil {
			t.Fatal(err)
		}
		ids[row.Cloud] = seeded[0]
		resources.WriteString(named(row.Cloud, seeded[0], "stopped", "cloud = \""+row.Cloud+"\""))
	}
	return required + "provider \"instance\" {\n" + blocks.String() + "}\n" + resources.String(), static, ids
}

// bothPhases lets the role of the apply be used by the plan too: a CLI without
// `terraform.applying` has one role for both.
func bothPhases(t *testing.T, cloud *simulator.Cloud, row simulator.Service) {
	t.Helper()
	for _, role := range cloud.Roles() {
		if strings.HasSuffix(row.Federation.ApplyRole, "/"+role.Name) {
			role.TrustPolicy = []byte(strings.ReplaceAll(string(role.TrustPolicy), "run_phase:apply", "run_phase:*"))
			if err := cloud.SeedRoles(role); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// wantRemoteCalls checks the names in a cloud's audit trail.
func wantRemoteCalls(t *testing.T, cloud *simulator.Cloud, row simulator.Service) {
	t.Helper()
	for _, call := range cloud.Calls(0) {
		if call.Issued != "" && call.Session != "terraform-"+runID {
			t.Errorf("%s: the session of %s is %q, want the run's", row.Cloud, call.Action, call.Session)
		}
		if !strings.Contains(call.UserAgent, "env") || !strings.Contains(call.UserAgent, "night") {
			t.Errorf("%s: the user agent of %s is %q, which lacks %q", row.Cloud, call.Action, call.UserAgent, appendedAgent)
		}
	}
}
