package terraform

import (
	"os"
	"path/filepath"
	"strconv"
)

// CanListProcesses returns an error where Processes cannot find any.
func CanListProcesses() error {
	_, err := processesOf("")
	return err
}

// processesOf returns the processes that run a program.
func processesOf(program string) ([]*os.Process, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, errNoProcesses
	}
	var all []*os.Process
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		// It fails for the processes of other users, and for one that ends meanwhile.
		path, err := os.Readlink(filepath.Join("/proc", entry.Name(), "exe"))
		if err != nil || path != program {
			continue
		}
		process, err := os.FindProcess(pid)
		if err != nil {
			return nil, err
		}
		all = append(all, process)
	}
	return all, nil
}
