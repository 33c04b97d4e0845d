//go:build unix

package program

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// ownGroup keeps a terminal's Ctrl-C from the command. It gets one interrupt,
// from this program: Terraform takes a second one as an order to end without
// writing its state.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// interruptGroup interrupts the command with all that it started, as a terminal
// does: a shell and "go run" wait for their children and pass nothing on.
func interruptGroup(leader *os.Process) error {
	err := syscall.Kill(-leader.Pid, syscall.SIGINT)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}

// endGroup ends what an interrupted command left behind, such as the provider of
// a Terraform that had to be killed.
func endGroup(leader *os.Process) {
	// Usually nothing is left, and this fails for that reason.
	_ = syscall.Kill(-leader.Pid, syscall.SIGKILL)
}
