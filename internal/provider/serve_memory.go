package provider

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// Garbage is collected by need: a process that does little holds little garbage, one that
// allocates much collects ever less often, and one that holds a fleet of 10,000 instances
// collects often again. Go's own rule, a share of what is in use, is wrong at both ends:
// it makes a plan of 200 instances collect a hundred times, and lets a large fleet hold
// twice what it needs.
const (
	// leastGarbage is what may be allocated until the first collection. Each collection
	// allows moreGarbage more until the next one, up to mostGarbage. Twenty single
	// resources have 5 MiB in use, and stay below 36 MiB with it.
	leastGarbage = 2 << 20
	moreGarbage  = 256 << 10
	mostGarbage  = 32 << 20
	// largest is how much may be in use and garbage together, where largeShare of what is in
	// use is not more. A fleet of 10,000 has some 110 MiB in use, and is to stay below 200
	// MiB, with what the program, its stacks and its heap need beside.
	largest    = 128 << 20
	largeShare = 8 // an eighth
	// mostHeld is how much the runtime may hold of the system before it returns what is idle at
	// once, and not in the background, for which a busy machine has no time. The program's
	// own pages, some 20 MiB, do not count. A process that needs more has a higher limit, so
	// that the collector never works without a pause. The limit also ends what the percentage
	// permits beyond garbage: a collection that finds several times as much in use as the one
	// before has as many times the garbage, until the percentage is set anew.
	mostHeld = 164 << 20
)

// garbage is how much may be allocated until the next collection, where so many bytes are
// in use after so many collections.
func garbage(inUse, collections int64) int64 {
	return max(min(leastGarbage+collections*moreGarbage, mostGarbage, largest-inUse), inUse/largeShare)
}

// memoryLimit is how much the runtime may hold of the system, where so many bytes are live
// and in stacks, and so much may be allocated until the next collection. A quarter is for
// what does not fit together.
func memoryLimit(needed, garbage int64) int64 {
	const fixed = 16 << 20
	return max(mostHeld, needed+needed/4+garbage+fixed)
}

// collectByNeed sets after each collection when the next one is to be, unless the user
// has set that.
func collectByNeed() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	held := int64(0)
	adapt := func(collections int64) {
		inUse := heapInUse()
		next := garbage(inUse, collections)
		needed := total("/gc/heap/live:bytes", "/memory/classes/heap/stacks:bytes")
		if limit := memoryLimit(needed, next); limit != held { // Each change stops all goroutines.
			debug.SetMemoryLimit(limit)
			held = limit
		}
		debug.SetGCPercent(int(100 * next / inUse))
	}
	adapt(0)
	afterCollection(adapt)
}

// afterCollection calls do soon after each collection, with their number.
func afterCollection(do func(collections int64)) {
	// The pointer keeps it from sharing its memory with values that live longer.
	type unreachable struct{ _ *int }
	var collected func(n int64)
	collected = func(n int64) {
		do(n)
		runtime.AddCleanup(&unreachable{}, collected, n+1)
	}
	runtime.AddCleanup(&unreachable{}, collected, 1)
}

// heapInUse is what the percentage of the collector is a share of: what the last
// collection left, the stacks, and the globals. Before the first one it is the heap at
// which Go collects first.
func heapInUse() int64 {
	const firstHeap = 4 << 20
	if total("/gc/heap/live:bytes") == 0 {
		return firstHeap
	}
	return total("/gc/heap/live:bytes", "/gc/scan/stack:bytes", "/gc/scan/globals:bytes")
}

// total is the sum of metrics of the runtime.
func total(names ...string) int64 {
	parts := make([]metrics.Sample, len(names))
	for i, name := range names {
		parts[i].Name = name
	}
	metrics.Read(parts)
	var sum uint64
	for _, part := range parts {
		sum += part.Value.Uint64()
	}
	return int64(min(sum, 1<<40))
}
