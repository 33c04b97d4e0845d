package pages

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	jobName  = regexp.MustCompile(`(?m)^  ([a-z][a-z-]*):$`)
	writes   = regexp.MustCompile(`(?m)^\s+([a-z-]+): write\b`)
	readOnly = regexp.MustCompile(`(?m)^permissions:\n  contents: read\n\n`)
)

// jobs are the jobs of a workflow, by name.
func jobs(text string) map[string]string {
	_, text, _ = strings.Cut(text, "\njobs:\n")
	found, at := map[string]string{}, jobName.FindAllStringSubmatchIndex(text, -1)
	for n, match := range at {
		end := len(text)
		if n+1 < len(at) {
			end = at[n+1][0]
		}
		found[text[match[2]:match[3]]] = text[match[0]:end]
	}
	return found
}

// ownWorkflow returns the text and the jobs of a workflow of this repository.
func ownWorkflow(t *testing.T, name string) (text string, all map[string]string) {
	t.Helper()
	text = read(t, ".github/workflows/"+name+".yml")
	return text, jobs(text)
}

// What a workflow may do is all that a dependency of it could do.
func TestWorkflowsMayDoLittle(t *testing.T) {
	t.Parallel()
	for name, text := range workflows(t) {
		checkouts := strings.Count(text, "actions/checkout@")
		if kept := strings.Count(text, "persist-credentials: false"); kept != checkouts {
			t.Errorf("%s: %d of %d checkouts leave the token behind", name, checkouts-kept, checkouts)
		}
		if !strings.HasPrefix(name, ".github/") {
			continue // An example may need more, and states why.
		}
		if len(readOnly.FindAllString(text, -1)) != 1 {
			t.Errorf("%s does not begin with permissions that only read", name)
		}
		for job, body := range jobs(text) {
			if !strings.Contains(body, "timeout-minutes: ") && !strings.Contains(body, "    uses: ./") {
				t.Errorf("%s: job %s has no time limit", name, job)
			}
			release := name == ".github/workflows/release.yml" && job == "release"
			if all := writes.FindAllString(body, -1); len(all) > 0 && !release || strings.Contains(body, "write-all") {
				t.Errorf("%s: job %s may write: %v", name, job, all)
			}
			if strings.Contains(body, "secrets.") && !release {
				t.Errorf("%s: job %s reads a secret", name, job)
			}
		}
	}
}

// A release is built after all tests have passed and a maintainer has approved it; it
// is signed, and each of its files is attested.
func TestAReleaseIsGuarded(t *testing.T) {
	t.Parallel()
	text, all := ownWorkflow(t, "release")
	if !strings.Contains(text, "\non:\n  push:\n    tags: [\"v*\"]\n\n") {
		t.Error("something else than a tag starts a release")
	}
	if !strings.Contains(all["tests"], "    uses: ./.github/workflows/ci.yml\n") {
		t.Errorf("the tests of a release are not those of a change:\n%s", all["tests"])
	}
	for _, part := range []string{
		"    needs: tests\n", "    environment: release\n", "GPG_PRIVATE_KEY", ".goreleaser.simulator.yml",
		"subject-checksums: ${{ env.SUMS }}\n", "subject-checksums: ${{ env.SIMULATOR_SUMS }}\n",
	} {
		if !strings.Contains(all["release"], part) {
			t.Errorf("the job has no %q", part)
		}
	}
	if writes := writes.FindAllStringSubmatch(all["release"], -1); len(writes) != 3 {
		t.Errorf("the job may write %v", writes)
	}
}

// The workflows run every check that CONTRIBUTING promises, by the targets of the
// GNUmakefile alone.
func TestWorkflowsRunEachCheck(t *testing.T) {
	t.Parallel()
	targets := map[string]bool{}
	for _, match := range rule.FindAllStringSubmatch(read(t, "GNUmakefile"), -1) {
		targets[match[1]] = true
	}
	for name, want := range map[string][]string{
		//nolint:misspell // The name of a target.
		"ci":      {"build lint docs-check licences size", "unit", "testsim", "further", "release-check"},
		"nightly": {"fuzz", "model", "mutate", "chaos", "soak", "vulnerabilities"},
	} {
		text, _ := ownWorkflow(t, name)
		for _, command := range want {
			if !strings.Contains(text, "make "+command) {
				t.Errorf("workflow %s does not run make %s", name, command)
			}
			for target := range strings.FieldsSeq(command) {
				if !targets[target] {
					t.Errorf("workflow %s: there is no make %s", name, target)
				}
			}
		}
	}
}

// Each of the oldest CLIs that "tools/clis/build" builds is one of the matrix.
func TestTheMatrixHasTheOldestCLIs(t *testing.T) {
	t.Parallel()
	_, all := ownWorkflow(t, "ci")
	_, list, found := strings.Cut(read(t, "tools/clis/build"), "|| set -- ")
	if !found {
		t.Fatal("tools/clis/build has no list of the oldest")
	}
	list, _, _ = strings.Cut(list, "\n")
	oldest := strings.Fields(list)
	for _, cli := range oldest {
		name, version, _ := strings.Cut(cli, "-")
		entry := "{ cli: " + name + ", version: " + version + ", oldest: true }"
		if !strings.Contains(all["end-to-end"], entry) {
			t.Errorf("the matrix has no %s", entry)
		}
	}
	if got := strings.Count(all["end-to-end"], "oldest: true }"); got != len(oldest) {
		t.Errorf("the matrix has %d of the oldest, want %d", got, len(oldest))
	}
}

// The files of changes are joined at a release, when it is late for a mistake in one.
func TestChangesCanBeReleased(t *testing.T) {
	t.Parallel()
	var kinds []string
	for _, match := range regexp.MustCompile(`(?m)^  - label: (.+)$`).FindAllStringSubmatch(read(t, ".changie.yaml"), -1) {
		kinds = append(kinds, match[1])
	}
	form := regexp.MustCompile(`^kind: (.+)\nbody: '(?:[^'\n]|'')+'\ntime: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z\n$`)
	files, err := filepath.Glob(filepath.Join(root, ".changes", "unreleased", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if match := form.FindSubmatch(text); match == nil || !slices.Contains(kinds, string(match[1])) {
			t.Errorf("%s is not a change of one of the kinds %q:\n%s", filepath.Base(file), kinds, text)
		}
	}
	versions, err := filepath.Glob(filepath.Join(root, ".changes", "v*.md"))
	if err != nil || len(versions) == 0 {
		t.Fatalf("there is no version (%v)", err)
	}
	for _, file := range versions {
		notes := read(t, ".changes/"+filepath.Base(file))
		if !strings.Contains(read(t, "CHANGELOG.md"), strings.TrimSpace(notes)) {
			t.Errorf("CHANGELOG.md lacks the notes of %s", filepath.Base(file))
		}
	}
}
