//go:build !unix

package program

import (
	"os"
	"os/exec"
)

// ownGroup does nothing where there are no process groups: the command gets the
// interrupt of the console by itself.
func ownGroup(*exec.Cmd) {}

// interruptGroup interrupts the command alone where there are no process groups.
func interruptGroup(leader *os.Process) error { return leader.Signal(os.Interrupt) }

// endGroup does nothing where there are no process groups: a command that had to
// be killed was ended alone.
func endGroup(*os.Process) {}
