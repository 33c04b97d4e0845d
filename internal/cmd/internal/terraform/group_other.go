//go:build !unix

package terraform

import (
	"os"
	"os/exec"
)

// ownGroup does nothing where there are no process groups: the command gets the
// interrupt of the console by itself.
func ownGroup(*exec.Cmd) {}

// endGroup does nothing where there are no process groups: a command that had to
// be killed was ended alone.
func endGroup(*os.Process) {}
