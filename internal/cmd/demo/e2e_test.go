package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program/programtest"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// wholeOptions returns the options of a demo with the CLI that the
// end-to-end tests use, in a temporary folder of its own. The environment
// holds what must not disturb it.
func wholeOptions(t *testing.T, out *console) (o options, temporary string) {
	t.Helper()
	path := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if path == "" {
		t.Skip("TF_ACC_TERRAFORM_PATH is not set to the path of terraform or tofu")
	}
	absolute, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	temporary = t.TempDir()
	// The CLI keeps the usual one: the path of a socket in it must be short.
	environment := os.Environ()
	t.Setenv("TMPDIR", temporary)
	environment = append(environment,
		"TF_CLI_CONFIG_FILE="+filepath.Join(temporary, "missing.tfrc"), "TF_DATA_DIR=/nonexistent",
		"TF_CLI_ARGS=-no-such-flag", "TF_CLI_ARGS_plan=-no-such-flag", "TF_LOG=TRACE", "TF_WORKSPACE=other",
		"TF_VAR_endpoint=https://ecs.aliyuncs.com", "ALICLOUD_ACCESS_KEY=not-the-demo",
		"ALICLOUD_SECURITY_TOKEN=not-the-demo", "TENCENTCLOUD_SECURITY_TOKEN=not-the-demo",
		"VOLCENGINE_SESSION_TOKEN=not-the-demo", "ZENLAYER_TOKEN=not-the-demo",
	)
	return options{
		cli: path, root: absolute, environment: environment, transition: 300 * time.Millisecond, out: out,
	}, temporary
}

// checkClean checks that nothing is left in the temporary folder but what the
// CLI and Go themselves keep there.
func checkClean(t *testing.T, temporary string) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(temporary, "instance-demo-*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// longestOutput is how many lines a newcomer is asked to read.
const longestOutput = 250

func TestEndToEndDemo(t *testing.T) {
	ctx := programtest.Context(t)
	var out bytes.Buffer
	o, temporary := wholeOptions(t, newConsole(&out, false))
	err := run(ctx, o)
	t.Logf("%s", out.String())
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(out.String(), "\n"); lines > longestOutput {
		t.Errorf("the output has %d lines, want at most %d", lines, longestOutput)
	}
	clouds := []string{}
	for _, s := range localcloud.Services() {
		clouds = append(clouds, "   "+s.Cloud+" ")
	}
	for _, want := range append([]string{
		"Plan: 10 to add, 0 to change, 0 to destroy.",
		"Resources: 10 added, 0 changed, 0 destroyed.",
		"No changes.",
		"Plan: 0 to add, 1 to change, 0 to destroy.",
		"10 destroyed.",
		"ok: no stop was forced",
		"ok: alicloud needed no key: a token was exchanged ",
		"ok: every other call carried a key of the simulator",
		"   tencentcloud    6           ",
	}, clouds...) {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output has no %q", want)
		}
	}
	for _, unwanted := range []string{"\x1b[", "overrides are in effect"} {
		if strings.Contains(out.String(), unwanted) {
			t.Errorf("output has %q", unwanted)
		}
	}
	checkClean(t, temporary)
}

// onText calls a function once, when a text was written.
type onText struct {
	mu   sync.Mutex
	seen bytes.Buffer
	text string
	call func()
}

func (w *onText) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen.Write(p)
	if w.call != nil && strings.Contains(w.seen.String(), w.text) {
		w.call()
		w.call = nil
	}
	return len(p), nil
}

func TestEndToEndDemoIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(programtest.Context(t))
	defer cancel()
	var interrupted time.Time
	// A moment after "Creating..." the provider has the request and waits.
	out := &onText{text: "Creating...", call: func() {
		time.AfterFunc(2*time.Second, func() {
			interrupted = time.Now()
			cancel()
		})
	}}
	o, temporary := wholeOptions(t, newConsole(out, true))
	o.everything = true
	// Without the interrupt the apply would last until its timeout.
	o.transition = time.Hour
	err := run(ctx, o)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got error %v, want %v; the output was\n%s", err, context.Canceled, out.seen.String())
	}
	if got, limit := time.Since(interrupted), program.Patience+10*time.Second; got > limit {
		t.Errorf("it ended %s after the interrupt, want less than %s", got, limit)
	}
	seen := out.seen.String()
	if !strings.Contains(seen, "Interrupt received") || strings.Contains(seen, "Two interrupts") {
		t.Errorf("the CLI was not interrupted once; the output was\n%s", seen)
	}
	checkClean(t, temporary)
}

// Without the endpoint of the simulator, the provider must meet the guard, and
// no cloud.
func TestEndToEndDemoLetsNoRequestOut(t *testing.T) {
	ctx := programtest.Context(t)
	var out bytes.Buffer
	o, temporary := wholeOptions(t, newConsole(&out, false))
	d := &demo{out: o.out, transition: o.transition}
	folder := filepath.Join(temporary, "d")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.close(folder); err != nil {
			t.Error(err)
		}
	})
	if err := d.prepare(ctx, o, folder); err != nil {
		t.Fatal(err)
	}
	main := filepath.Join(folder, "configuration", "main.tf")
	data, err := os.ReadFile(main)
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.ReplaceAll(data, []byte("= var.endpoint"), []byte("= null"))
	data = regexp.MustCompile(`(?s)  timeouts \{.*?\n  \}\n`).ReplaceAll(data, nil)
	data = bytes.ReplaceAll(data, []byte("  instance_id "), []byte("  timeouts { read = \"2s\" }\n  instance_id "))
	if err := os.WriteFile(main, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := d.guard.check(); err != nil {
		t.Fatalf("before the plan: got %v, want no request", err)
	}
	code, err := d.cli.show(ctx, "plan", "-target=instance_power_state.preview",
		"-target=instance_power_state.build", "-target=instance_power_state.render", "-target=instance_power_state.edge")
	if err != nil || code != 1 {
		t.Fatalf("plan: got code %d and error %v, want 1 and none; the output was\n%s", code, err, out.String())
	}
	err = d.guard.check()
	for _, host := range []string{"aliyuncs.com", "tencentcloudapi.com", "volcengineapi.com", "zenlayer.com"} {
		wantError(t, err, host)
	}
	for cloud, calls := range callsSince(d.server, mark{}) {
		if len(calls) > 0 {
			t.Errorf("%s got %d calls, want none", cloud, len(calls))
		}
	}
}
