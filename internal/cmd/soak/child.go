package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
	"github.com/instance-power/terraform-provider-instance/internal/provider"
)

// This program plays the provider's process too, so that the process can tell what
// is seen from inside alone.
const (
	roleVariable = "INSTANCE_SOAK_ROLE"
	providerRole = "provider"
)

// usage is what the provider's process tells of itself.
type usage struct {
	// Heap is what is in use after a collection, Resident what the kernel has given
	// the process, both in bytes. Resident is 0 where there is no /proc.
	Heap        uint64 `json:"heap"`
	Resident    uint64 `json:"resident"`
	Goroutines  int    `json:"goroutines"`
	Descriptors int    `json:"descriptors"`
}

// serveProvider serves the provider as for a debugger: it lives on when a CLI ends.
// On each line of its input it answers with its usage, and it ends with its input.
// It returns the exit code.
func serveProvider() int {
	go func() {
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			data, err := json.Marshal(ownUsage())
			if err != nil {
				break
			}
			fmt.Fprintln(os.Stdout, string(data))
		}
		os.Exit(0)
	}()
	if err := provider.Serve("soak", true); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// ownUsage reads the usage of this process.
func ownUsage() usage {
	// The second collection frees what the finalizers of the first let go.
	runtime.GC()
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	u := usage{Heap: memory.HeapAlloc, Goroutines: runtime.NumGoroutine()}
	if open, err := os.ReadDir("/dev/fd"); err == nil {
		u.Descriptors = len(open) - 1 // One is that of the folder.
	}
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		u.Resident = resident(string(status))
	}
	return u
}

// resident reads VmRSS from the status of a process; see
// https://man7.org/linux/man-pages/man5/proc_pid_status.5.html.
func resident(status string) uint64 {
	for line := range strings.Lines(status) {
		value, ok := strings.CutPrefix(line, "VmRSS:")
		if !ok {
			continue
		}
		if kib, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64); err == nil {
			return kib << 10
		}
	}
	return 0
}

// child is the provider's process.
type child struct {
	cmd    *exec.Cmd
	input  io.WriteCloser
	output *bufio.Reader
	// attach is the variable that makes a CLI use it.
	attach string
}

// startChild starts the provider's process. Its socket, which it leaves behind, is in
// the folder.
func startChild(ctx context.Context, environment []string, folder string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self) //nolint:gosec // This program.
	cmd.Env = terraform.Environment(environment, roleVariable+"="+providerRole, "TMPDIR="+folder)
	cmd.Stderr = io.Discard
	cmd.WaitDelay = program.Patience
	c := &child{cmd: cmd}
	if c.input, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.output = bufio.NewReader(output)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	for c.attach == "" {
		line, err := c.output.ReadString('\n')
		if err != nil {
			return nil, errors.Join(fmt.Errorf("the provider does not say how to attach a CLI: %w", err), c.end())
		}
		c.attach, err = attachment(line)
		if err != nil {
			return nil, errors.Join(err, c.end())
		}
	}
	return c, nil
}

// attachment reads the variable from a line that the provider prints, empty if it is
// another line. OpenTofu looks for the provider under its own registry.
func attachment(line string) (string, error) {
	const name = "TF_REATTACH_PROVIDERS="
	text, ok := strings.CutPrefix(strings.TrimSpace(line), name)
	if !ok {
		return "", nil
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(strings.Trim(text, "'")), &all); err != nil {
		return "", fmt.Errorf("read %q: %w", line, err)
	}
	for address, config := range all {
		if path, ok := strings.CutPrefix(address, "registry.terraform.io/"); ok {
			all["registry.opentofu.org/"+path] = config
		}
	}
	data, err := json.Marshal(all)
	return name + string(data), err
}

// usage asks the process for its usage.
func (c *child) usage() (usage, error) {
	if _, err := io.WriteString(c.input, "usage\n"); err != nil {
		return usage{}, err
	}
	for {
		line, err := c.output.ReadString('\n')
		if err != nil {
			return usage{}, fmt.Errorf("the provider's process: %w", err)
		}
		if !strings.HasPrefix(line, "{") {
			continue
		}
		var u usage
		return u, json.Unmarshal([]byte(line), &u)
	}
}

// end ends the process.
func (c *child) end() error {
	err := c.input.Close()
	timer := time.AfterFunc(program.Patience, func() { _ = c.cmd.Process.Kill() })
	defer timer.Stop()
	return errors.Join(err, c.cmd.Wait())
}
