package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
)

// machine describes where the figures were taken.
func machine(cpuinfo, meminfo string) string {
	text := fmt.Sprintf("%d processors", runtime.NumCPU())
	if model := field(cpuinfo, "model name"); model != "" {
		text += " (" + model + ")"
	}
	if kib, err := strconv.ParseInt(strings.TrimSuffix(field(meminfo, "MemTotal"), " kB"), 10, 64); err == nil {
		text += fmt.Sprintf(", %.0f GiB of memory", float64(kib)/(1<<20))
	}
	return fmt.Sprintf("%s, %s/%s, %s", text, runtime.GOOS, runtime.GOARCH, runtime.Version())
}

// thisMachine is machine for the one that this program runs on.
func thisMachine() string {
	// Where there is no /proc, less is said.
	cpuinfo, _ := os.ReadFile("/proc/cpuinfo")
	meminfo, _ := os.ReadFile("/proc/meminfo")
	return machine(string(cpuinfo), string(meminfo))
}

// load returns how many processes wanted a processor in the last minute, empty
// where that is not known. Beside a busy machine's other work the CLI hands out
// its resources more slowly, and fewer calls are joined.
func load(file string) string {
	text, err := os.ReadFile(file) //nolint:gosec // A file of the kernel.
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

// field returns the first value of a key in a file with lines "key: value".
func field(text, key string) string {
	for line := range strings.Lines(text) {
		if k, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(k) == key {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// version returns the name and version of the CLI.
func (c *cli) version(ctx context.Context, folder string) (string, error) {
	got, err := c.must(ctx, folder, "version")
	if err != nil {
		return "", err
	}
	return terraform.Version(got.output)
}
