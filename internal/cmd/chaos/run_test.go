package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program/programtest"
)

func TestTheReportHasEachKind(t *testing.T) {
	t.Parallel()
	r := &report{cli: "Terraform v1.11.4", date: time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC), took: time.Minute}
	for seed := range uint64(14) {
		one := result{scenario: newScenario(seed), happened: seed != 3, code: 1}
		one.left = time.Duration(14-seed) * 100 * time.Millisecond
		if seed == 9 {
			one.err = errors.New("the plan is not empty")
		}
		r.results = append(r.results, one)
	}
	if got := r.failures(); got != 1 {
		t.Errorf("%d runs failed, want 1", got)
	}
	text := r.markdown()
	for _, want := range []string{
		"13 applies were disturbed on 2026-11-29, with Terraform v1.11.4, in 1m0s: 1 failed.",
		"| both are killed | 2 | 2 | 1.2 s | 1 |", "| the CLI is interrupted | 1 | 1 | 0.4 s | 0 |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the report has no %q:\n%s", want, text)
		}
	}
	for k := range kinds {
		if !strings.Contains(text, k.String()) {
			t.Errorf("the report does not name %q", k)
		}
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-runs", "0"}, {"-at-once", "0"}, {"-seed", "-1"}, {"now"}} {
		err := start(t.Context(), args, io.Discard, io.Discard)
		if got := program.Code(t.Context(), "chaos", err, io.Discard); got != program.Usage {
			t.Errorf("%v: got error %v and code %d, want code %d", args, err, got, program.Usage)
		}
	}
}

// Three applies, each on a cloud of its own.
func TestEndToEndChaos(t *testing.T) {
	t.Parallel()
	cli := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if cli == "" {
		t.Skip("TF_ACC_TERRAFORM_PATH is not set to the path of terraform or tofu")
	}
	if _, err := os.Stat("/proc/self/exe"); err != nil {
		t.Skip("there is no /proc, by which the processes of the provider are found")
	}
	ctx := programtest.Context(t)
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	var progress bytes.Buffer
	r, err := run(ctx, options{
		cli: cli, root: root, environment: os.Environ(), runs: 3, seed: 35, atOnce: 3,
	}, &progress)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", r.markdown())
	happened := 0
	for _, one := range r.results {
		if one.happened {
			happened++
		}
	}
	if happened < 3 || r.failures() > 0 {
		t.Errorf("%d applies were disturbed, and %d runs failed; want 3 and none: %s", happened, r.failures(),
			progress.String())
	}
}
