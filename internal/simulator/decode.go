package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// maxControlBody is the largest body that the control interface takes: more than a
// hundred thousand instances have.
const maxControlBody = 32 << 20

// readBody reads the body of a request, which the control interface has bounded.
func readBody(r *http.Request) ([]byte, *failure) {
	body, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, &failure{http.StatusRequestEntityTooLarge, fmt.Errorf("the body has more than %d bytes", tooLarge.Limit)}
	case err != nil:
		return nil, bad(err)
	default:
		return body, nil
	}
}

// decode reads the body into v and refuses what v does not have.
func decode(r *http.Request, v any) *failure {
	body, fail := readBody(r)
	if fail != nil {
		return fail
	}
	if err := DecodeStrict(body, v); err != nil {
		return bad(err)
	}
	return nil
}

// decodeIfAny is decode for a body that may be left out, which leaves v as it is.
func decodeIfAny(r *http.Request, v any) *failure {
	body, fail := readBody(r)
	if fail != nil || len(bytes.TrimSpace(body)) == 0 {
		return fail
	}
	if err := DecodeStrict(body, v); err != nil {
		return bad(err)
	}
	return nil
}

// DecodeStrict decodes one JSON value. It refuses a field that v does not have, a
// field that is there twice, of which the decoder would keep the last, and anything
// after the value.
func DecodeStrict(data []byte, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(v)
	if errors.Is(err, io.EOF) {
		return errors.New("there is no JSON value")
	}
	if err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more than one JSON value")
	}
	return checkFields(json.NewDecoder(bytes.NewReader(data)))
}

// checkFields reads the next value and refuses an object in it that has a field
// twice.
func checkFields(decoder *json.Decoder) error {
	token, err := decoder.Token()
	if err != nil {
		return err
	}
	opening, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	seen := map[json.Token]bool{}
	for decoder.More() {
		if opening == '{' {
			name, err := decoder.Token()
			if err != nil {
				return err
			}
			if seen[name] {
				return fmt.Errorf("field %s is there twice", name)
			}
			seen[name] = true
		}
		if err := checkFields(decoder); err != nil {
			return err
		}
	}
	_, err = decoder.Token() // the delimiter that closes
	return err
}
