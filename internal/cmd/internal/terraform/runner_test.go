package terraform

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestARunnersCommandThatIsKilled(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := Runner{Path: self, Environment: append(os.Environ(), childRole+"=obedient")}
	out, err := r.Run(t.Context(), t.TempDir(), func(p *os.Process) { _ = p.Kill() })
	if err != nil || out.Code != -1 {
		t.Errorf("got code %d and error %v, want -1 and none", out.Code, err)
	}
	r.Environment = append(os.Environ(), childRole+"=code 2")
	if out, err := r.Run(t.Context(), t.TempDir(), nil); err != nil || out.Code != 2 {
		t.Errorf("got code %d and error %v, want 2 and none", out.Code, err)
	}
	r.Path = filepath.Join(t.TempDir(), "tofu")
	if _, err := r.Run(t.Context(), t.TempDir(), nil); err == nil {
		t.Error("a program that does not exist: got no error")
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
