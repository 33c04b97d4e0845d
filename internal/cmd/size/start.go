package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// memoryLimit is the most that a process may hold that has answered for its schema and
// does nothing else, in bytes. A CLI starts one for each configuration of the provider.
const memoryLimit = 28 << 20

// starts is how many times the program is started; the figures are the medians.
const starts = 5

// start is what it takes to start the provider as a CLI does.
type start struct {
	// answered is the time from the start to the first answer for the schema.
	answered time.Duration
	// memory is the resident memory after it, in bytes.
	memory int64
}

// check returns an error where a start takes more memory than it may.
func (s start) check() error {
	if s.memory > memoryLimit {
		return fmt.Errorf("an idle process holds %s, the limit is %s", mebibytes(s.memory), mebibytes(memoryLimit))
	}
	return nil
}

// measureStart starts the program a few times, and returns the medians.
func measureStart(ctx context.Context, program string) (start, error) {
	var times []time.Duration
	var memory []int64
	for range starts {
		one, err := startOnce(ctx, program)
		if err != nil {
			return start{}, fmt.Errorf("start the program: %w", err)
		}
		times, memory = append(times, one.answered), append(memory, one.memory)
	}
	slices.Sort(times)
	slices.Sort(memory)
	return start{answered: times[starts/2], memory: memory[starts/2]}, nil
}

// startOnce starts the program as a plugin, asks for its schema, and ends it. Its
// socket is in the program's folder.
func startOnce(ctx context.Context, program string) (measured start, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program)
	// The cookie is Terraform's, the same for every provider.
	cmd.Env = append(os.Environ(), "PLUGIN_PROTOCOL_VERSIONS=6", "PLUGIN_UNIX_SOCKET_DIR="+filepath.Dir(program),
		"TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2")
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return start{}, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return start{}, err
	}
	defer func() {
		cancel()
		_ = cmd.Wait() // It was killed.
		if err != nil {
			err = fmt.Errorf("%w\n%s", err, &log)
		}
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return start{}, fmt.Errorf("read the handshake: %w", err)
	}
	socket, err := socketOf(line)
	if err != nil {
		return start{}, err
	}
	if err := askForSchema(ctx, socket); err != nil {
		return start{}, fmt.Errorf("ask for the schema: %w", err)
	}
	measured.answered = time.Since(began)
	measured.memory, err = residentMemory(cmd.Process.Pid)
	return measured, err
}

// socketOf reads the line of a plugin's handshake: the versions of the handshake and of
// the protocol, the network, the address, and the kind of the server
// (https://github.com/hashicorp/go-plugin/blob/main/docs/guide-plugin-write-non-go.md).
func socketOf(line string) (string, error) {
	fields := strings.Split(strings.TrimSpace(line), "|")
	if len(fields) < 5 || fields[2] != "unix" || fields[4] != "grpc" {
		return "", fmt.Errorf("%q is not the handshake of a plugin with gRPC on a socket", line)
	}
	return fields[3], nil
}

// askForSchema makes the call GetProviderSchema. A call of gRPC is a POST over HTTP/2
// whose message has a prefix of five bytes, and an empty message is nothing but that
// (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
func askForSchema(ctx context.Context, socket string) (err error) {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{
		Protocols: protocols,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}
	defer transport.CloseIdleConnections()
	const url = "http://plugin/tfplugin6.Provider/GetProviderSchema"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(make([]byte, 5)))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/grpc")
	req.Header.Set("Te", "trailers")
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	size, err := io.Copy(io.Discard, resp.Body)
	if err != nil {
		return err
	}
	status := resp.Trailer.Get("Grpc-Status")
	if status == "" {
		status = resp.Header.Get("Grpc-Status") // Of an answer without a message.
	}
	if status != "0" || size <= 5 {
		return fmt.Errorf("HTTP status %d, gRPC status %q, %d bytes", resp.StatusCode, status, size)
	}
	return nil
}

// residentMemory reads what a process holds in memory, from the Linux kernel
// (https://man7.org/linux/man-pages/man5/proc_pid_status.5.html).
func residentMemory(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, found := strings.CutPrefix(line, "VmRSS:"); found {
			kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, errors.New("the kernel does not tell the resident memory")
}
