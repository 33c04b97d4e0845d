package credentials

// jsonFile is a file of a command line, in JSON. It is parsed anew each time, since
// the command line may have renewed the keys in it.
type jsonFile struct {
	resolver *resolver
	path     string
}

func (f jsonFile) show() string { return f.resolver.system.show(f.path) }

// root returns the object that the file holds. profile is empty, or the name of the
// profile that the file is.
func (f jsonFile) root(profile string) (*record, error) {
	data, err := f.resolver.system.readFile(f.path, maxFile)
	if err != nil {
		return nil, err
	}
	root, err := parseFile(f.show(), data)
	if err != nil {
		return nil, err
	}
	if profile != "" {
		profile = "profile " + quote(profile)
	}
	r := newRecord(f.show(), profile, root)
	return r, r.err
}

// stored returns the source of keys that are in a profile. keysOf takes them from it,
// and again reads it anew. Keys of a browser that have ended are no error yet: they may
// have been renewed when they are used.
func stored(
	first *record, title string, again func() (*record, error), keysOf func(*record) (Set, error),
) (source, error) {
	if _, err := keysOf(first); err != nil {
		var known *Error
		if !asError(err, &known) || known.Kind != Expired {
			return nil, err
		}
	}
	return fileSource{name: title, read: func() (Set, error) {
		p, err := again()
		if err != nil {
			return Set{}, err
		}
		return keysOf(p)
	}}, nil
}
