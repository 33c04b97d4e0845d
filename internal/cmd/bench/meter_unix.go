//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// mostMemoryOf is the high-water mark of the resident memory of a process that has
// ended; see https://man7.org/linux/man-pages/man2/getrusage.2.html. Linux counts in
// it what the process that started it held, which is less than a provider does.
func mostMemoryOf(state *os.ProcessState) int64 {
	used, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	most := int64(used.Maxrss) //nolint:unconvert // It is an int32 on some systems.
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return most // Bytes there, KiB elsewhere.
	}
	return most << 10
}
