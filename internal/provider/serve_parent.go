package provider

import (
	"os"
	"time"
)

// parentCheck is how often the process checks that the CLI is still there.
const parentCheck = time.Second

// endWithParent ends the process when the one that started it is gone. A CLI that is
// killed, as by a runner whose time is up, ends nothing that it has started, and the
// process would wait for it for ever. Calls that were under way are canceled by then,
// since the connection is gone. It does nothing on Windows, where a process keeps the
// number of its parent.
func endWithParent() {
	parent := os.Getppid() // Now: the CLI may be killed before the goroutine runs.
	go func() {
		awaitOther(parent, os.Getppid)
		os.Exit(1)
	}()
}

// awaitOther returns when now returns another number than first.
func awaitOther(first int, now func() int) {
	ticker := time.NewTicker(parentCheck)
	defer ticker.Stop()
	for now() == first {
		<-ticker.C
	}
}
