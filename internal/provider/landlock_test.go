//go:build linux

package provider

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

// The system calls of Landlock and their constants, by which a process gives up rights
// to files without being root (https://docs.kernel.org/userspace-api/landlock.html).
const (
	landlockCreateRuleset = 444
	landlockAddRule       = 445
	landlockRestrictSelf  = 446
	landlockAskVersion    = 1          // The flag that asks for the version.
	landlockBeneath       = 1          // The kind of rule: a folder and all below it.
	landlockWrites        = 0x1ff0 | 2 // Write and remove files and folders, and make any.
	landlockRefer         = 1 << 13    // Rename across folders, from version 2.
	landlockTruncate      = 1 << 14    // From version 3.
	landlockWriteFile     = 2          // To a file that is there.
	setNoNewPrivileges    = 38         // PR_SET_NO_NEW_PRIVS of prctl.
	openPath              = 0x0200000  // O_PATH
	nobodyID              = 65534
)

// errNoLandlock is that of a kernel, or a container, that has no Landlock.
var errNoLandlock = errors.New("there is no Landlock")

// landlockVersion returns the version of the kernel's Landlock, or errNoLandlock.
func landlockVersion() (uintptr, error) {
	version, _, errno := syscall.Syscall(landlockCreateRuleset, 0, 0, landlockAskVersion)
	if errno != 0 {
		return 0, fmt.Errorf("%w: %w", errNoLandlock, errno)
	}
	return version, nil
}

// makeReadOnly takes the right to write from this thread and its children, but for what
// is below the folder, and for the null device.
func makeReadOnly(folder string) error {
	version, err := landlockVersion()
	if err != nil {
		return err
	}
	handled := uint64(landlockWrites)
	if version >= 2 {
		handled |= landlockRefer
	}
	if version >= 3 {
		handled |= landlockTruncate
	}
	//nolint:gosec // G103: the call takes the address of the rights.
	rules, _, errno := syscall.Syscall(landlockCreateRuleset, uintptr(unsafe.Pointer(&handled)), unsafe.Sizeof(handled), 0)
	if errno != 0 {
		return fmt.Errorf("make the rules of Landlock: %w", errno)
	}
	defer func() { _ = syscall.Close(int(rules)) }()
	for path, rights := range map[string]uint64{folder: handled, os.DevNull: landlockWriteFile} {
		file, err := syscall.Open(path, openPath|syscall.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("open %s: %w", path, err)
		}
		// The kernel reads 8 bytes of rights and 4 of the file, without a gap.
		var rule [12]byte
		binary.NativeEndian.PutUint64(rule[:8], rights)
		binary.NativeEndian.PutUint32(rule[8:], uint32(file)) //nolint:gosec // G115: a file descriptor is small.
		//nolint:gosec // G103: the call takes the address of the rule.
		_, _, errno = syscall.Syscall6(landlockAddRule, rules, landlockBeneath, uintptr(unsafe.Pointer(&rule[0])), 0, 0, 0)
		if err := errors.Join(syscall.Close(file)); errno != 0 || err != nil {
			return fmt.Errorf("add a rule of Landlock: %w", errors.Join(errno, err))
		}
	}
	if _, _, errno = syscall.Syscall6(syscall.SYS_PRCTL, setNoNewPrivileges, 1, 0, 0, 0, 0); errno != 0 {
		return fmt.Errorf("give up new privileges: %w", errno)
	}
	if _, _, errno = syscall.Syscall(landlockRestrictSelf, rules, 0, 0); errno != 0 {
		return fmt.Errorf("apply the rules of Landlock: %w", errno)
	}
	return nil
}

// enterSandbox makes this process the program in args: as another user where this one is
// root, and without the right to write but below the folder. It returns only if that fails.
func enterSandbox(folder string, args []string) error {
	runtime.LockOSThread() // Landlock is about this thread, and about what it becomes.
	if err := makeReadOnly(folder); err != nil && !errors.Is(err, errNoLandlock) {
		return err
	}
	if os.Getuid() == 0 {
		if err := errors.Join(syscall.Setgroups(nil), syscall.Setgid(nobodyID), syscall.Setuid(nobodyID)); err != nil {
			return fmt.Errorf("become another user: %w", err)
		}
	}
	err := syscall.Exec(args[0], args, os.Environ())
	return fmt.Errorf("run %s: %w", args[0], err)
}
