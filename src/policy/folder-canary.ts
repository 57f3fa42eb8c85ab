import '../wire/server.ts';
