import { PrismaLibSQL } from '@prisma/adapter-libsql'

export default {
  schema: 'prisma/schema.prisma',
  experimental: { adapter: true },
  engine: 'js',
  adapter: async () => new PrismaLibSQL({ url: process.env.DATABASE_URL }, { timestampFormat: "unixepoch-ms" }),
}
