package localcloud

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// Seed seeds instances from JSON: an object from the names of clouds to lists of
// instances. It refuses what Cloud.Check refuses, and then seeds nothing. An error
// names the line.
func Seed(server *simulator.Server, data []byte) error {
	fleets, err := readSeeds(server, data)
	if err != nil {
		return err
	}
	for _, wire := range server.Wires() {
		if err := wire.Cloud().Seed(fleets[wire.Cloud().Name()]...); err != nil {
			return err
		}
	}
	return nil
}

// seeds is a file that is read piece by piece, so that a mistake has its line.
type seeds struct {
	data    []byte
	decoder *json.Decoder

	// counted is how far the line breaks were counted, and breaks how many there are
	// before it, so that a large file is not counted anew for each instance.
	counted, breaks int
}

// byteOrderMark is what some editors put before the text of a file.
const byteOrderMark = "\ufeff"

func readSeeds(server *simulator.Server, data []byte) (map[string][]simulator.Instance, error) {
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	s := seeds{data: data, decoder: json.NewDecoder(bytes.NewReader(data))}
	fleets := map[string][]simulator.Instance{}
	if err := s.delimiter('{', "an object from the names of clouds to lists of instances"); err != nil {
		return nil, err
	}
	for s.decoder.More() {
		line := s.line()
		token, err := s.decoder.Token()
		if err != nil {
			return nil, s.syntax(err)
		}
		name, _ := token.(string) // The key of an object is nothing else.
		cloud := server.Cloud(name)
		if cloud == nil {
			return nil, fmt.Errorf("line %d: there is no cloud %q", line, name)
		}
		if _, twice := fleets[name]; twice {
			return nil, fmt.Errorf("line %d: %s is there twice", line, name)
		}
		if fleets[name], err = s.fleet(cloud); err != nil {
			return nil, err
		}
	}
	if err := s.delimiter('}', "the end of the object"); err != nil {
		return nil, err
	}
	line := s.line()
	if _, err := s.decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("line %d: there is more than one JSON value", line)
	}
	return fleets, nil
}

// fleet reads the list of one cloud.
func (s *seeds) fleet(cloud *simulator.Cloud) ([]simulator.Instance, error) {
	if err := s.delimiter('[', "a list of instances of "+cloud.Name()); err != nil {
		return nil, err
	}
	lines := map[string]int{}
	fleet := []simulator.Instance{}
	for s.decoder.More() {
		line := s.line()
		var one json.RawMessage
		if err := s.decoder.Decode(&one); err != nil {
			return nil, s.syntax(err)
		}
		var i simulator.Instance
		if err := simulator.DecodeStrict(one, &i); err != nil {
			return nil, fmt.Errorf("line %d: an instance of %s: %w", line, cloud.Name(), err)
		}
		if first, twice := lines[i.ID]; twice {
			return nil, fmt.Errorf("line %d: field id: %q is on line %d too", line, i.ID, first)
		}
		lines[i.ID] = line
		if err := cloud.Check(i); err != nil {
			return nil, fmt.Errorf("line %d: %w", line, errors.Unwrap(err))
		}
		fleet = append(fleet, i)
	}
	return fleet, s.delimiter(']', "the end of the list")
}

// delimiter reads a delimiter.
func (s *seeds) delimiter(want json.Delim, meaning string) error {
	line := s.line()
	token, err := s.decoder.Token()
	if err != nil {
		return s.syntax(err)
	}
	if token != want {
		return fmt.Errorf("line %d: want %s, got %v", line, meaning, token)
	}
	return nil
}

// line is that of the next token.
func (s *seeds) line() int {
	at := int(s.decoder.InputOffset())
	for at < len(s.data) && bytes.IndexByte([]byte(" \t\r\n,:"), s.data[at]) >= 0 {
		at++
	}
	return s.lineAt(at)
}

// lineAt is the line of a place in the file, which is not before the last one that was
// asked for.
func (s *seeds) lineAt(at int) int {
	if at > s.counted {
		s.breaks += bytes.Count(s.data[s.counted:at], []byte("\n"))
		s.counted = at
	}
	return 1 + s.breaks
}

// syntax adds the line to an error of the decoder.
func (s *seeds) syntax(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("line %d: the file ends too early", s.lineAt(len(s.data)))
	}
	line := s.line()
	var wrong *json.SyntaxError
	if errors.As(err, &wrong) {
		line = s.lineAt(min(len(s.data), int(wrong.Offset)))
	}
	return fmt.Errorf("line %d: %w", line, err)
}
