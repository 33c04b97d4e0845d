// Package panics hands a panic from the goroutine that had it to the one that
// waits for its work, where it is a matter of that one's operation. A panic that
// nobody recovers ends the process, and with it every other operation.
//
// What becomes of a panic in the end is left to the caller: package provider makes
// an error of the one operation out of it.
package panics

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
)

// Panic is a panic that was recovered.
type Panic struct {
	// Value is what the panic was called with. It may hold anything, a secret
	// too, and is for no text.
	Value any
	// Stack is the stack of the goroutine that had the panic.
	Stack []byte
	// Where is the function in which it happened, with file and line.
	Where string
}

// Error implements error. It tells what kind of panic it was and where, and
// nothing of a value that may be a secret.
func (p *Panic) Error() string { return p.What() + " in " + p.Where }

// What is the text of an error of the Go runtime, which holds no data of the
// program but numbers, or the type of any other value.
func (p *Panic) What() string {
	err, ok := p.Value.(error)
	var fault runtime.Error
	if ok && errors.As(err, &fault) {
		return strings.TrimPrefix(fault.Error(), "runtime error: ")
	}
	return fmt.Sprintf("a panic with a value of type %T", p.Value)
}

// Again panics with p in the goroutine that waited for the work; without a panic
// it does nothing.
func (p *Panic) Again() {
	if p != nil {
		panic(p)
	}
}

// Recovered makes a Panic of what recover returned, and nil of nil. Call it in the
// deferred function that recovers, while the stack still shows where it happened.
// A Panic that was raised again stays as it is.
func Recovered(value any) *Panic {
	switch p := value.(type) {
	case nil:
		return nil
	case *Panic:
		return p
	default:
		return &Panic{Value: value, Stack: debug.Stack(), Where: where()}
	}
}

// Catch runs f and returns its panic, or nil if it had none.
func Catch(f func()) (p *Panic) {
	defer func() { p = Recovered(recover()) }()
	f()
	return nil
}

// where finds the function that called panic, or in which the runtime did: the
// first one below the runtime's own.
func where() string {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers)])
	raised := false
	for {
		frame, more := frames.Next()
		switch {
		case strings.HasPrefix(frame.Function, "runtime."):
			raised = raised || frame.Function == "runtime.gopanic"
		case raised:
			return fmt.Sprintf("%s (%s:%d)", base(frame.Function), base(frame.File), frame.Line)
		}
		if !more {
			return "an unknown function"
		}
	}
}

// base is what follows the last slash.
func base(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// Group is a sync.WaitGroup for functions that may panic. Its zero value is ready.
type Group struct {
	all   sync.WaitGroup
	mu    sync.Mutex
	first *Panic
}

// Go runs f in a goroutine of its own.
func (g *Group) Go(f func()) { g.all.Go(func() { g.run(f) }) }

func (g *Group) run(f func()) {
	defer func() { g.note(Recovered(recover())) }()
	f()
}

func (g *Group) note(p *Panic) {
	if p == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.first == nil {
		g.first = p
	}
}

// Wait returns when all functions have ended. If one had a panic, Wait panics
// with it then: the others have done their work all the same.
func (g *Group) Wait() {
	g.all.Wait()
	g.first.Again()
}
