package dispatch

import (
	"testing"
	"testing/synctest"
)

// bubble runs a test in fake time. It ends only when no goroutine is left.
func bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, test)
}
