package backendtest

import (
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// testHTTP2: a stop whose stream is reset is sent once, though package net/http sends
// what it takes for harmless again.
func testHTTP2(t *testing.T, in Inputs) {
	var arrived, overHTTP2 atomic.Int32
	year := func(n int) time.Time { return time.Date(n, 1, 1, 0, 0, 0, 0, time.UTC) }
	certificate := Certificate{Hosts: []string{"127.0.0.1"}, From: year(2020), To: year(2120)}
	server := ServeHTTP2(t, certificate, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor == 2 {
			overHTTP2.Add(1)
		}
		if arrived.Add(1) > 1 {
			panic(http.ErrAbortHandler) // It resets the stream.
		}
		_, _ = io.WriteString(w, in.Accepted("r-1"))
	}))
	base := server.Base()
	t.Cleanup(base.CloseIdleConnections)
	driver, err := in.Open(in.keys(true), in.Region, server.URL, base)
	if err != nil {
		t.Fatal(err)
	}
	stop := func() backend.Outcome { return driver.Stop(t.Context(), []string{in.ID}, backend.StopOptions{})[0] }
	if got := stop(); got.Err != nil || got.RequestID != "r-1" {
		t.Errorf("got %+v, want the request id r-1", got)
	}
	got := stop()
	if fault := driver.Fault(got.Err); got.Err == nil || fault.Kind != backend.KindUnavailable || !fault.Unreachable {
		t.Errorf("got %v, %+v, want a fault that leaves open whether the call took effect", got.Err, fault)
	}
	if arrived.Load() != 2 || overHTTP2.Load() != 2 {
		t.Errorf("%d requests arrived, %d of them over HTTP/2, want 2", arrived.Load(), overHTTP2.Load())
	}
}
