//go:build unix

package main

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup keeps a terminal's Ctrl-C from the command, which gets one interrupt
// from this program: the CLI takes a second one as an order to end at once.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// endGroup ends what an interrupted command left behind.
func endGroup(leader *os.Process) {
	// Usually nothing is left, and this fails for that reason.
	_ = syscall.Kill(-leader.Pid, syscall.SIGKILL)
}
