package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
)

const (
	modelPackage = "./internal/powerstate/modeltest"
	modelTest    = "TestRandomHistories"
	// patience is how long a test may take: one that a bug keeps from ending is
	// stopped, and has then caught it.
	patience = 3 * time.Minute
)

// tests builds and runs what is to catch the mutations.
type tests struct {
	root, folder string
	histories    int
}

// pass runs all catchers of the mutations without any bug.
func (t *tests) pass(ctx context.Context, mutations []mutation) error {
	done := map[catcher]bool{}
	for _, m := range mutations {
		if done[m.caught] {
			continue
		}
		done[m.caught] = true
		binary, err := t.build(ctx, m.caught, "")
		if err != nil {
			return fmt.Errorf("%s: %w", m.caught, err)
		}
		if output, err := t.run(ctx, binary, m.caught); err != nil {
			return fmt.Errorf("%s fails without any bug:\n%s", m.caught, output)
		}
	}
	return nil
}

// try plants one bug and runs what is to catch it.
func (t *tests) try(ctx context.Context, m mutation) outcome {
	overlay, err := t.overlay(m)
	if err != nil {
		return outcome{name: m.name, err: err}
	}
	binary, err := t.build(ctx, m.caught, overlay)
	if err != nil {
		return outcome{name: m.name, err: err}
	}
	output, err := t.run(ctx, binary, m.caught)
	if err == nil {
		return outcome{name: m.name, err: errSurvived}
	}
	return outcome{name: m.name, by: m.caught.reason(output)}
}

// build compiles the test of a catcher.
func (t *tests) build(ctx context.Context, by catcher, overlay string) (binary string, err error) {
	pkg := by.pkg
	if by.model {
		pkg = modelPackage
	}
	binary = filepath.Join(t.folder, "mutate.test")
	if err := os.RemoveAll(binary); err != nil {
		return "", err
	}
	args := []string{"test", "-c", "-o", binary}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	command := program.NewGoCommand(ctx, t.folder, append(args, pkg)...)
	command.Dir = t.root
	if output, err := command.Text(); err != nil {
		return "", fmt.Errorf("it does not compile:\n%s", output)
	}
	if _, err := os.Stat(binary); err != nil {
		return "", fmt.Errorf("%s has no tests", pkg)
	}
	return binary, nil
}

// run runs the test, and returns an error when it fails.
func (t *tests) run(ctx context.Context, binary string, by catcher) (output string, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	pkg, args := by.pkg, []string{"-test.run", "^" + by.test + "$", "-test.v"}
	if by.model {
		pkg = modelPackage
		args = []string{
			"-test.run", "^" + modelTest + "$", "-test.v", "-model.summary", "-model.enough=3", "-model.seed=1",
			fmt.Sprintf("-model.histories=%d", t.histories),
		}
	}
	command := program.NewCommand(ctx, binary, args...)
	command.Dir = filepath.Join(t.root, filepath.FromSlash(pkg))
	output, err = command.Text()
	if err == nil && strings.Contains(output, "no tests to run") {
		err = errors.New("there is no such test")
	}
	return output, err
}

// broken is how the model check names a promise that is broken.
var broken = regexp.MustCompile(`(\d+) break "([^"]+)"`)

// reason says what failed.
func (c catcher) reason(output string) string {
	if !c.model {
		return fmt.Sprintf("`%s` in `%s`", c.test, strings.TrimPrefix(c.pkg, "./"))
	}
	found, most := "", 0
	for _, match := range broken.FindAllStringSubmatch(output, -1) {
		n := 0
		if _, err := fmt.Sscan(match[1], &n); err == nil && n > most {
			found, most = match[2], n
		}
	}
	if found == "" {
		return "the model check, which did not end"
	}
	return fmt.Sprintf("the model check: %s", found)
}
