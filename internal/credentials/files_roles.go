package credentials

// profileRole returns the source of a profile that assumes a role. host is the
// token service's; it may be empty.
func (r *resolver) profileRole(base source, role AssumeRole, host, name string) (source, error) {
	if err := r.cloud.checkSession("the session name of the "+name, role.SessionName); err != nil {
		return nil, err
	}
	n := r.cloud.names.AssumeRole
	if err := checkDuration("the duration of the "+name, role.DurationSeconds, n.MinDuration, n.MaxDuration); err != nil {
		return nil, err
	}
	if err := checkPolicy("the policy of the "+name, role.Policy); err != nil {
		return nil, err
	}
	return &roleSource{
		service: r.cloud.sts, endpoint: r.endpoint(host, "the token service of the "+name), role: r.finishRole(role),
		base: newCache(base, r.system.Now), name: name,
	}, nil
}

// profileIdentity returns the source of a profile that exchanges the token of a
// file.
func (r *resolver) profileIdentity(role WebIdentity, file, host, title string) (source, error) {
	n := r.cloud.names.WebIdentity
	if err := checkDuration("the duration of the "+title, role.DurationSeconds, n.MinDuration, n.MaxDuration); err != nil {
		return nil, err
	}
	checked, err := r.checkIdentity(role, "the session name of the "+title, "the policy of the "+title)
	if err != nil {
		return nil, err
	}
	return &identitySource{
		service:  r.cloud.sts,
		endpoint: r.endpoint(host, "the token service of the "+title),
		action:   r.cloud.webAction,
		role:     checked,
		token:    tokenSource{name: "the token file", path: file, system: r.system},
		system:   r.system,
		name:     title,
	}, nil
}
