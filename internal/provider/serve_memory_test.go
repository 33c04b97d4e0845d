package provider

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestGarbage(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	for _, test := range []struct {
		name                     string
		inUse, collections, want int64
	}{
		{"nothing yet", 0, 0, 2 * mib},
		{"a little", 5 * mib, 4, 3 * mib},
		{"much", 5 * mib, 40, 12 * mib},
		{"no more than that", 5 * mib, 1000, 32 * mib},
		{"a thousand single resources", 80 * mib, 200, 32 * mib},
		{"a fleet of 10,000", 104 * mib, 200, 24 * mib},
		{"several of them", 400 * mib, 100, 50 * mib},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := garbage(test.inUse, test.collections); got != test.want {
				t.Errorf("got %d MiB, want %d", got/mib, test.want/mib)
			}
		})
	}
}

func TestMemoryLimit(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	for _, test := range []struct {
		name                  string
		needed, garbage, want int64
	}{
		{"a little", 5 * mib, 2 * mib, 164 * mib},
		{"a fleet of 10,000 in small pieces", 104 * mib, 15 * mib, 164 * mib},
		{"several of them", 400 * mib, 50 * mib, 566 * mib},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := memoryLimit(test.needed, test.garbage); got != test.want {
				t.Errorf("got %d MiB, want %d", got/mib, test.want/mib)
			}
		})
	}
}

// TestALargeProcessHasAHigherLimit is not parallel, since it sets variables and the
// collector of the process.
func TestALargeProcessHasAHigherLimit(t *testing.T) {
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(-1)
	defer func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}()
	collectByNeed()
	large := make([]byte, 300<<20)
	deadline := time.Now().Add(time.Minute)
	for debug.SetMemoryLimit(-1) < int64(len(large)) {
		if time.Now().After(deadline) {
			t.Fatalf("the limit is %d with %d bytes in use, want a higher one", debug.SetMemoryLimit(-1), len(large))
		}
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	runtime.KeepAlive(large)
}

// TestACollectorThatTheUserHasSetIsLeftAlone is not parallel, since it sets variables and
// the collector of the process.
func TestACollectorThatTheUserHasSetIsLeftAlone(t *testing.T) {
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		t.Run("by "+name, func(t *testing.T) {
			t.Setenv(name, "100")
			const own = 77
			before, limit := debug.SetGCPercent(own), debug.SetMemoryLimit(own<<30)
			collectByNeed()
			if got := debug.SetGCPercent(before); got != own {
				t.Errorf("the percentage is %d, want %d as it was", got, own)
			}
			if got := debug.SetMemoryLimit(limit); got != own<<30 {
				t.Errorf("the limit is %d, want %d as it was", got, own<<30)
			}
		})
	}
}

func TestEachCollectionIsFollowed(t *testing.T) {
	t.Parallel()
	followed := make(chan int64, 100)
	afterCollection(func(n int64) {
		select {
		case followed <- n:
		default: // The test is over.
		}
	})
	last := int64(0)
	for n := range 3 {
		runtime.GC()
		select {
		case number := <-followed:
			if number <= last {
				t.Errorf("got the number %d after %d, want a higher one", number, last)
			}
			last = number
			if inUse := heapInUse(); inUse <= 0 || inUse > 1<<33 {
				t.Errorf("got %d bytes in use, want a plausible number", inUse)
			}
		case <-time.After(time.Minute):
			t.Fatalf("collection %d is not followed", n+1)
		}
	}
}
