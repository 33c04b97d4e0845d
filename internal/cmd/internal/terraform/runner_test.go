package terraform

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// childRole makes the test binary play a CLI.
const childRole = "TERRAFORM_TEST_CHILD"

func TestMain(m *testing.M) {
	switch role := os.Getenv(childRole); role {
	case "":
		os.Exit(m.Run())
	case "waits":
		_, _ = io.Copy(io.Discard, os.Stdin) // Its parent holds the other end.
	default:
		fmt.Fprintln(os.Stdout, role)
		os.Exit(2)
	}
}

// child returns a runner of a CLI that plays a role.
func child(t *testing.T, role string) *Runner {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &Runner{Path: self, Environment: append(os.Environ(), childRole+"="+role)}
}

func TestARunnersCommandThatIsKilled(t *testing.T) {
	t.Parallel()
	out, err := child(t, "waits").Run(t.Context(), t.TempDir(), func(p *os.Process) { _ = p.Kill() })
	if err != nil || out.Code != -1 {
		t.Errorf("got code %d and error %v, want -1 and none", out.Code, err)
	}
}

func TestARunnersCommandThatFails(t *testing.T) {
	t.Parallel()
	r := child(t, "Error: busy")
	if out, err := r.Run(t.Context(), t.TempDir(), nil); err != nil || out.Code != 2 {
		t.Errorf("got code %d and error %v, want 2 and none", out.Code, err)
	}
	err := r.Must(t.Context(), t.TempDir(), "plan")
	if err == nil || err.Error() != "plan ended with code 2: Error: busy" {
		t.Errorf("one that must not fail: got error %v", err)
	}
	r.Path = filepath.Join(t.TempDir(), "tofu")
	if _, err := r.Run(t.Context(), t.TempDir(), nil); err == nil {
		t.Error("a program that does not exist: got no error")
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	for output, want := range map[string]string{
		"Terraform v1.11.4\non linux_amd64\n":                                    "Terraform v1.11.4",
		"\nWarning: Unable to open CLI configuration file\n\nOpenTofu v1.12.6\n": "OpenTofu v1.12.6",
		"Error: no CLI is chosen\n":                                              "",
	} {
		r := child(t, output)
		if got, err := r.Version(t.Context(), t.TempDir()); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q and error %v, want %q", output, got, err, want)
		}
	}
}

func TestNewRunnerPointsTheCLIAtTheProvider(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	r, err := NewRunner("tofu", filepath.Join(folder, "bin"), folder, []string{"PATH=/bin", "TENCENTCLOUD_REGION=x"})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "cli.tfrc")
	for _, want := range []string{"PATH=/bin", "TF_CLI_CONFIG_FILE=" + file, "CHECKPOINT_DISABLE=1"} {
		if !slices.Contains(r.Environment, want) {
			t.Errorf("the environment has no %q: %q", want, r.Environment)
		}
	}
	if slices.Contains(r.Environment, "TENCENTCLOUD_REGION=x") {
		t.Error("the environment has the user's region")
	}
	if data, err := os.ReadFile(file); err != nil || !strings.Contains(string(data), filepath.ToSlash(r.Binaries)) {
		t.Errorf("the file is %q, error %v; want the folder %s in it", data, err, r.Binaries)
	}
}

func TestProcessesOf(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/exe"); err != nil {
		t.Skip("there is no /proc")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	all, err := processesOf(self)
	if err != nil || !slices.ContainsFunc(all, func(p *os.Process) bool { return p.Pid == os.Getpid() }) {
		t.Errorf("got %v and error %v, want this process among them", all, err)
	}
	if all, err := processesOf(filepath.Join(t.TempDir(), BinaryName)); err != nil || len(all) > 0 {
		t.Errorf("got %v and error %v, want none", all, err)
	}
}

func TestComplaint(t *testing.T) {
	t.Parallel()
	for output, want := range map[string]string{
		"Planning...\n╷\n│ Error: Unable to stop \"i-1\"\n│ \n│ busy\n╵\n": `Error: Unable to stop "i-1" busy`,
		"killed\n":                "killed",
		strings.Repeat("a ", 900): strings.TrimSpace(strings.Repeat("a ", 500)),
	} {
		if got := Complaint(output); got != want {
			t.Errorf("Complaint(%q) is %q, want %q", output, got, want)
		}
	}
}
