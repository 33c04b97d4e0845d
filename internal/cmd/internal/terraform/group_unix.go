//go:build unix

package terraform

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup keeps a terminal's Ctrl-C from the command. It gets one interrupt,
// from this program: Terraform takes a second one as an order to end without
// writing its state.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// endGroup ends what an interrupted command left behind, such as the provider of
// a Terraform that had to be killed.
func endGroup(leader *os.Process) {
	// Usually nothing is left, and this fails for that reason.
	_ = syscall.Kill(-leader.Pid, syscall.SIGKILL)
}
