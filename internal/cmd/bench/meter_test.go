package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
)

// busyVariable makes this test's program a provider that works for a while.
const busyVariable = "BENCH_TEST_BUSY"

// TestMain gives this program the roles that the benchmark has.
func TestMain(m *testing.M) {
	switch {
	case isMeter(os.Args[0]):
		os.Exit(meter(os.Args[1:], os.Stderr))
	case os.Getenv(hogVariable) != "":
		os.Exit(hog(os.Getenv(hogVariable), os.Stdin))
	case os.Getenv(busyVariable) != "":
		os.Exit(busy())
	}
	os.Exit(m.Run())
}

// busy takes at least 100 ms of processor time and 64 MiB, and passes on what it reads.
func busy() int {
	held := make([]byte, 64<<20)
	for i := 0; i < len(held); i += 4096 {
		held[i] = 1
	}
	for began := time.Now(); time.Since(began) < 100*time.Millisecond; {
		held[0]++
	}
	if _, err := io.Copy(os.Stdout, os.Stdin); err != nil {
		return 1
	}
	runtime.KeepAlive(held)
	return 3
}

func TestTheMeterRecordsWhatTheProviderUsed(t *testing.T) {
	t.Parallel()
	folder, records := filepath.Join(t.TempDir(), "bin"), t.TempDir()
	if err := install(folder); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(folder, terraform.BinaryName))
	cmd.Env = append(os.Environ(), meteredVariable+"="+self, recordsVariable+"="+records, busyVariable+"=1")
	input, output := io.Pipe()
	cmd.Stdin = input
	go func() {
		_, _ = output.Write([]byte("handshake"))
		_ = output.Close() // It never fails.
	}()
	got, err := cmd.Output()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 3 || string(got) != "handshake" {
		t.Fatalf("got %q and error %v, want %q and exit code 3, as from the provider", got, err, "handshake")
	}
	used, complete, err := recorded(records)
	if err != nil || !complete {
		t.Fatalf("complete %v, error %v; want a complete record", complete, err)
	}
	// A busy machine gives less than 100 ms of processor in 100 ms.
	if used.cpu() <= 0 || runtime.GOOS == "linux" && used.Memory < 64<<20 {
		t.Errorf("got %s of processor time and %d bytes, want more than 0 and 64 MiB", used.cpu(), used.Memory)
	}
}

func TestRecordsAreAddedUp(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("1", `{"user": 1000, "system": 10, "memory": 7}`)
	write("2", `{"user": 2000, "system": 20, "memory": 5}`)
	want := usage{User: 3000, System: 30, Memory: 7}
	if got, complete, err := recorded(folder); got != want || !complete || err != nil {
		t.Errorf("got %+v, complete %v, error %v; want %+v, true and none", got, complete, err, want)
	}
	write("3", "")
	if got, complete, err := recorded(folder); got != want || complete || err != nil {
		t.Errorf("with one that was killed: got %+v, complete %v, error %v; want %+v, false and none",
			got, complete, err, want)
	}
	write("4", "nonsense")
	if _, _, err := recorded(folder); err == nil {
		t.Error("nonsense: got no error, want one")
	}
	if _, _, err := recorded(filepath.Join(folder, "missing")); err == nil {
		t.Error("a folder that is missing: got no error, want one")
	}
}

func TestAMeterWithoutAProvider(t *testing.T) {
	if !isMeter("/somewhere/"+terraform.BinaryName) || !isMeter(terraform.BinaryName+".exe") ||
		isMeter("/somewhere/bench") {
		t.Error("the meter is not told by the name under which it was started")
	}
	t.Setenv(recordsVariable, t.TempDir())
	t.Setenv(meteredVariable, filepath.Join(t.TempDir(), "missing"))
	if got := meter(nil, io.Discard); got != program.Failed {
		t.Errorf("got exit code %d, want %d", got, program.Failed)
	}
}

func TestHogsEnd(t *testing.T) {
	t.Parallel()
	end, err := starve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := end(); err != nil {
		t.Errorf("hogs whose input is closed: got error %v, want none", err)
	}
	never, write := io.Pipe()
	defer func() { _ = write.Close() }()
	if got := hog("1ms", never); got != 0 {
		t.Errorf("a hog whose time is over: got exit code %d, want 0", got)
	}
	if got := hog("soon", never); got != program.Usage {
		t.Errorf("a hog without a time: got exit code %d, want %d", got, program.Usage)
	}
}
