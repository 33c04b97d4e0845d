package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
)

// sampling is the time between two readings of the provider's memory. The figure is
// the kernel's own high-water mark, so that nothing is missed between two readings
// but what a process took in its last moments.
const sampling = 50 * time.Millisecond

// meter reads the memory of the provider's processes while a command runs. It
// finds nothing where there is no /proc.
type meter struct {
	end  chan struct{}
	most chan int64
}

// watchMemory begins to measure the children of a process.
func watchMemory(parent int) *meter {
	m := &meter{end: make(chan struct{}), most: make(chan int64, 1)}
	go func() {
		ticker := time.NewTicker(sampling)
		defer ticker.Stop()
		var most int64
		for {
			most = max(most, childMemory("/proc", parent))
			select {
			case <-m.end:
				m.most <- most
				return
			case <-ticker.C:
			}
		}
	}()
	return m
}

// stop returns the most that was seen, in bytes; 0 where nothing was begun.
func (m *meter) stop() int64 {
	if m == nil {
		return 0
	}
	close(m.end)
	return <-m.most
}

// childMemory returns the largest high-water mark among the children of a
// process that are the provider.
func childMemory(proc string, parent int) int64 {
	entries, err := os.ReadDir(proc)
	if err != nil {
		return 0
	}
	var most int64
	for _, entry := range entries {
		if _, err := strconv.Atoi(entry.Name()); err != nil {
			continue
		}
		// A process can end between any two of these lines.
		status, err := os.ReadFile(filepath.Join(proc, entry.Name(), "status")) //nolint:gosec // A file of the kernel.
		if err != nil {
			continue
		}
		name, from, peak := readStatus(status)
		// The kernel keeps the first 15 letters of a name.
		if from == parent && name != "" && strings.HasPrefix(terraform.BinaryName, name) {
			most = max(most, peak)
		}
	}
	return most
}

// readStatus reads name, parent and VmHWM from the status file of a process;
// see https://man7.org/linux/man-pages/man5/proc_pid_status.5.html.
func readStatus(status []byte) (name string, parent int, peak int64) {
	for line := range bytes.Lines(status) {
		key, value, _ := strings.Cut(strings.TrimSpace(string(line)), ":")
		value = strings.TrimSpace(value)
		switch key {
		case "Name":
			name = value
		case "PPid":
			if n, err := strconv.Atoi(value); err == nil {
				parent = n
			}
		case "VmHWM":
			if n, err := strconv.ParseInt(strings.TrimSuffix(value, " kB"), 10, 64); err == nil {
				peak = n << 10
			}
		}
	}
	return name, parent, peak
}
