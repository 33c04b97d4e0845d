package simulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
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

// DecodeStrict decodes one JSON value. It refuses what the decoder would take
// silently: a field that v does not have, a field that is there twice, of which the
// decoder would keep the last, text that is not UTF-8, and anything after the value.
func DecodeStrict(data []byte, v any) error {
	if !utf8.Valid(data) {
		return errors.New("the text is not UTF-8")
	}
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
	reader := fieldReader{json.NewDecoder(bytes.NewReader(data)), map[reflect.Type]map[string]jsonField{}}
	return reader.check(reflect.TypeOf(v))
}

// fieldReader looks for fields that are there twice.
type fieldReader struct {
	decoder *json.Decoder
	known   map[reflect.Type]map[string]jsonField // by the folded name
}

// jsonField is a field of a struct, by its name in JSON.
type jsonField struct {
	name string
	of   reflect.Type
}

// check reads the next value, which was decoded into a value of type t. The type is nil
// where it is not known.
func (r fieldReader) check(t reflect.Type) error {
	token, err := r.decoder.Token()
	if err != nil {
		return err
	}
	opening, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	t = decoded(t)
	fields, seen := r.fieldsOf(t), map[string]bool{}
	for r.decoder.More() {
		inner := elementOf(t)
		if opening == '{' {
			token, err := r.decoder.Token()
			if err != nil {
				return err
			}
			name, _ := token.(string) // The key of an object is nothing else.
			if field, ok := fields[fold(name)]; ok {
				name, inner = field.name, field.of
			}
			if seen[name] {
				return fmt.Errorf("field %s is there twice", name)
			}
			seen[name] = true
		}
		if err := r.check(inner); err != nil {
			return err
		}
	}
	_, err = r.decoder.Token() // the delimiter that closes
	return err
}

// decoded is the type whose parts an object or a list is decoded into; nil for one that
// decodes itself.
func decoded(t reflect.Type) reflect.Type {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil || reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return nil
	}
	return t
}

// elementOf is the type of the elements of a list or a map.
func elementOf(t reflect.Type) reflect.Type {
	if t == nil || !slices.Contains([]reflect.Kind{reflect.Array, reflect.Map, reflect.Slice}, t.Kind()) {
		return nil
	}
	return t.Elem()
}

// fieldsOf are the fields of t if it is a struct.
func (r fieldReader) fieldsOf(t reflect.Type) map[string]jsonField {
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	all, ok := r.known[t]
	if !ok {
		all = map[string]jsonField{}
		for field := range t.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			name = cmp.Or(name, field.Name)
			all[fold(name)] = jsonField{name, field.Type}
		}
		r.known[t] = all
	}
	return all
}

// fold makes names equal that the decoder takes for the same field: those that differ
// in case alone.
func fold(name string) string { return strings.ToLower(strings.ToUpper(name)) }
