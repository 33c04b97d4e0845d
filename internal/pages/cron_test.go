package pages

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The job of the guide prints nothing, or why it failed: cron mails what it prints.
func TestTheCronJobPrintsOnlyWhyItFailed(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/bin/sh"); errors.Is(err, os.ErrNotExist) {
		t.Skip("cron runs jobs with /bin/sh, which is not here")
	}
	for name, test := range map[string]struct {
		remove, terraform, want string
	}{
		"a run that succeeds": {"", `[ "$KEY" = secret ] && echo "Apply complete!"`, ""},
		"a run that fails":    {"", `echo "Error: no stock" >&2; exit 1`, "Error: no stock\n"},
		"without credentials": {"power.env", "echo run", "power.env"},
		"without the folder":  {"power", "echo run", "power"},
		"without Terraform":   {"terraform", "", "terraform"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			write(t, filepath.Join(folder, "power.env"), "export KEY=secret\n")
			write(t, filepath.Join(folder, "terraform"), "#!/bin/sh\n"+test.terraform+"\n")
			if err := os.Mkdir(filepath.Join(folder, "power"), 0o700); err != nil {
				t.Fatal(err)
			}
			cat, err := exec.LookPath("cat")
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(cat, filepath.Join(folder, "cat")); err != nil {
				t.Fatal(err)
			}
			if test.remove != "" {
				if err := os.RemoveAll(filepath.Join(folder, test.remove)); err != nil {
					t.Fatal(err)
				}
			}
			got := runJob(t, folder)
			if (got == "") != (test.want == "") || !strings.Contains(got, test.want) || strings.Contains(got, "run\n") {
				t.Errorf("the job prints %q, want %q", got, test.want)
			}
		})
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

// runJob runs the guide's job with the variables that cron sets, and with its files in
// another folder.
func runJob(t *testing.T, folder string) string {
	t.Helper()
	text := strings.NewReplacer(
		"/etc/power.env", filepath.Join(folder, "power.env"), "/srv/power", filepath.Join(folder, "power"),
		"/usr/local/bin:/usr/bin:/bin", folder,
	).Replace(read(t, "examples/guides/schedules/crontab"))
	var env []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if fields := strings.SplitN(line, " ", 6); len(fields) == 6 {
			if strings.Contains(fields[5], "%") {
				t.Errorf("cron takes the %% of %q for a line break", fields[5])
			}
			job := exec.CommandContext(t.Context(), "/bin/sh", "-c", fields[5])
			job.Env = append([]string{"HOME=" + folder, "SHELL=/bin/sh"}, env...)
			out, err := job.CombinedOutput()
			if exit := (&exec.ExitError{}); err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			return string(out)
		}
		env = append(env, line)
	}
	t.Fatal("the file has no job")
	return ""
}
