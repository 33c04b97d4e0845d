package provider

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

type valueKey struct{}

func TestALentContext(t *testing.T) {
	t.Parallel()
	parent, cancel := context.WithCancelCause(context.WithValue(t.Context(), valueKey{}, "value"))
	within, takeBack := lend(parent)
	child, cancelChild := context.WithCancel(within)
	defer cancelChild()
	if got := child.Value(valueKey{}); got != "value" {
		t.Errorf("it has the value %v, want that of its parent", got)
	}
	why := errors.New("the CLI is gone")
	cancel(why)
	<-child.Done()
	if got := context.Cause(child); !errors.Is(got, why) {
		t.Errorf("its cause is %v, want %v", got, why)
	}
	takeBack()
	if got := child.Value(valueKey{}); got != nil {
		t.Errorf("taken back, it has the value %v, want none", got)
	}
}

func TestALentContextEndsWhenItIsTakenBack(t *testing.T) {
	t.Parallel()
	within, takeBack := lend(t.Context())
	takeBack()
	if !errors.Is(within.Err(), context.Canceled) {
		t.Errorf("its error is %v, want %v", within.Err(), context.Canceled)
	}
}

func TestALentContextHasTheEndOfItsParent(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	within, takeBack := lend(ended)
	defer takeBack()
	if within.Err() == nil {
		t.Error("its parent has ended, and it has not")
	}
	past, cancelPast := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancelPast()
	late, takeBackLate := lend(past)
	defer takeBackLate()
	if got, _ := past.Deadline(); !errors.Is(late.Err(), context.DeadlineExceeded) {
		t.Errorf("its parent has ended at %s, and its error is %v", got, late.Err())
	} else if want, ok := late.Deadline(); !ok || !want.Equal(got) {
		t.Errorf("its deadline is %s, want %s", want, got)
	}
}

// The framework keeps something of each request: this must not be what the request
// holds.
func TestARequestIsForgotten(t *testing.T) {
	t.Parallel()
	server := NewServer(New("test"))()
	forgotten := make(chan struct{})
	func() {
		held := new([1 << 20]byte)
		runtime.AddCleanup(held, func(c chan struct{}) { close(c) }, forgotten)
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), valueKey{}, held))
		defer cancel() // As gRPC does at the end of a request.
		if _, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{}); err != nil {
			t.Fatal(err)
		}
	}()
	for range 100 {
		runtime.GC()
		select {
		case <-forgotten:
			runtime.KeepAlive(server)
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Error("the server holds the context of a request that has ended")
}

func TestTheServerForgetsWhenNoRequestIsUnderWay(t *testing.T) {
	t.Parallel()
	forgot := 0
	r := requests{forget: func(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
		forgot++
		return nil, nil
	}}
	r.begin()
	for range forgetAfter {
		r.begin()
		r.end(t.Context())
	}
	if forgot != 0 {
		t.Errorf("it forgot %d times while a request was under way", forgot)
	}
	r.end(t.Context())
	if forgot != 1 {
		t.Errorf("it forgot %d times after the last request, want once", forgot)
	}
	r.begin()
	r.end(t.Context())
	if forgot != 1 {
		t.Errorf("it forgot %d times, want no more before %d requests", forgot, forgetAfter)
	}
}

// A request that comes after the server has forgotten must be answered as before.
func TestForgettingCancelsNoLaterRequest(t *testing.T) {
	t.Parallel()
	server := NewServer(New("test"))()
	for range forgetAfter + 2 {
		got, err := server.GetMetadata(t.Context(), &tfprotov6.GetMetadataRequest{})
		if err != nil || len(got.Resources) == 0 {
			t.Fatalf("got %v and error %v, want the resources", got, err)
		}
	}
}
