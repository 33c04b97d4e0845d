package provider

import (
	"os"
	"time"
)

// parentCheck is how often the process looks whether the CLI is still there.
const parentCheck = time.Second

// endWithParent ends the process when the one that started it is gone. A CLI that is
// killed, as by a runner whose time is up, ends nothing that it has started, and the
// process would wait for it for ever. What was under way is canceled by then, since
// the connection is gone. It does nothing on Windows, where a process keeps the number
// of its parent.
func endWithParent() {
	go func() {
		awaitOther(os.Getppid)
		os.Exit(1)
	}()
}

// awaitOther returns when parent returns another number than at first.
func awaitOther(parent func() int) {
	for first := parent(); parent() == first; {
		time.Sleep(parentCheck)
	}
}
