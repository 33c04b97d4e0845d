package simulator

// KeyForm is what the credentials look like that a cloud accepts from the start.
type KeyForm struct {
	// Cloud is part of the secrets, so that a text that shows one tells whose it is.
	Cloud string
	// Lasting and Temporary are the beginnings of the ids.
	Lasting, Temporary string
	// SecondAccount is the account of Keys.Second; empty where there are no accounts, and
	// neither that key nor Keys.Main.
	SecondAccount string
	// Describe are the actions, in a policy, that Keys.ReadOnly may do.
	Describe []string
}

// Keys returns the credentials, without Keys.Disabled. They are public on purpose, and no
// cloud knows them.
func (f KeyForm) Keys() Keys {
	k := Keys{
		Lasting: f.lasting("demo"), Denied: f.lasting("denied"), ReadOnly: f.lasting("read-only"),
		Temporary: f.temporary("temporary"), Expired: f.temporary("expired"),
	}
	k.Denied.Policy, k.ReadOnly.Policy = AllowOnly(), AllowOnly(f.Describe...)
	k.Expired.Expired = true
	if f.SecondAccount != "" {
		k.Second, k.Main = f.lasting("second"), f.lasting("main")
		k.Second.Account, k.Main.Main = f.SecondAccount, true
	}
	return k
}

func (f KeyForm) lasting(name string) Credential {
	return Credential{AccessKeyID: f.Lasting + "simulator-" + name, Secret: "not-a-secret-" + f.Cloud + "-" + name}
}

func (f KeyForm) temporary(name string) Credential {
	k := f.lasting(name)
	k.AccessKeyID, k.Token = f.Temporary+"simulator-"+name, "not-a-token-"+f.Cloud+"-"+name
	return k
}
