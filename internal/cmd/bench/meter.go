package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
)

// The CLI is not given the provider but a link to this program, under the
// provider's name. Started by that name, this program starts the provider, and
// when that has ended writes down what the system says that it used. So nothing
// is sampled and nothing is missed, on every system.

// The variables by which the meter finds the provider, and the folder for its records.
const (
	meteredVariable = "BENCH_PROVIDER"
	recordsVariable = "BENCH_RECORDS"
)

// usage is what processes used.
type usage struct {
	User   time.Duration `json:"user"`
	System time.Duration `json:"system"`
	Memory int64         `json:"memory"` // the most at a time, in bytes; 0 for unknown
}

// cpu is the processor time.
func (u usage) cpu() time.Duration { return u.User + u.System }

// and is the usage of two processes that ran one after the other.
func (u usage) and(other usage) usage {
	return usage{User: u.User + other.User, System: u.System + other.System, Memory: max(u.Memory, other.Memory)}
}

// usageOf is what a process that has ended used, with its children.
func usageOf(state *os.ProcessState) usage {
	return usage{User: state.UserTime(), System: state.SystemTime(), Memory: mostMemoryOf(state)}
}

// isMeter reports whether the program was started under the provider's name.
func isMeter(name string) bool {
	return strings.TrimSuffix(filepath.Base(name), ".exe") == terraform.BinaryName
}

// meter runs the provider and records what it used. It returns the exit code.
func meter(args []string, stderr io.Writer) int {
	code, err := runMetered(args)
	if err != nil {
		fmt.Fprintln(stderr, "bench: meter:", err)
		return program.Failed
	}
	return code
}

func runMetered(args []string) (code int, err error) {
	// A record that stays empty tells that the meter was ended before its time.
	record, err := os.CreateTemp(os.Getenv(recordsVariable), "provider-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, record.Close()) }()
	// An interrupt reaches every process of the group; the CLI ends the provider.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	//nolint:gosec,noctx // The program itself sets the variable; the CLI ends the process.
	cmd := exec.Command(os.Getenv(meteredVariable), args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		return 0, err
	}
	return cmd.ProcessState.ExitCode(), json.NewEncoder(record).Encode(usageOf(cmd.ProcessState))
}

// recorded is what the provider's processes used that left a record in a folder.
// complete is false where one of them left none.
func recorded(folder string) (total usage, complete bool, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return usage{}, false, err
	}
	complete = true
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(folder, entry.Name())) //nolint:gosec // The meter wrote it.
		if err != nil {
			return usage{}, false, err
		}
		var one usage
		if len(text) == 0 {
			complete = false
			continue
		}
		if err := json.Unmarshal(text, &one); err != nil {
			return usage{}, false, fmt.Errorf("the record of a provider's process: %w", err)
		}
		total = total.and(one)
	}
	return total, complete, nil
}

// install makes a link to this program under the provider's name in a folder.
func install(folder string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	name := terraform.BinaryName
	if filepath.Ext(self) == ".exe" {
		name += ".exe"
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	return os.Symlink(self, filepath.Join(folder, name))
}
